-- groups
select g.g0 as x0
  from (select count(*) as g0
  from (select 1 as c0
  from "tracks" t0) b
  having count(*) > 0) g
  order by null
  fetch next 50001 rows only;
-- 
