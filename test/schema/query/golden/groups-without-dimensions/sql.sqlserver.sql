-- groups
select "g"."g0" as "x0"
  from (select count(*) as "g0"
  from (select 1 as c0
  from "tracks" as "t0") as b
  having count(*) > 0) as g
  order by (select null)
  offset 0 rows
  fetch next 50001 rows only;
-- 
