-- rows
select "t0"."id" as "c0"
  from "artists" as "t0"
  order by "t0"."id" asc
  offset 9007199254740991 rows
  fetch next 1 rows only;
-- 
