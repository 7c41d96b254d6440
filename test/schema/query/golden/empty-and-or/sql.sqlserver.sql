-- rows
select 1 as c0
  from "artists" as "t0"
  where (1 = 1 or 1 = 0)
  order by "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 
