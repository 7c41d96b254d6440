-- rows
select 1 as c0
  from "artists" t0
  where (1 = 1 or 1 = 0)
  order by t0."id" asc
  fetch next 50001 rows only;
-- 
