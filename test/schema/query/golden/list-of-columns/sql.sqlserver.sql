-- rows
select "t0"."id" as "c0", "t0"."name" as "c1", convert(varchar(40), "t0"."plays") as "c2", replace(convert(varchar(23), "t0"."founded", 121), ' ', 'T') as "c3", "t0"."address" as "c4"
  from "artists" as "t0"
  order by "t0"."id" asc
  offset @1 rows
  fetch next @2 rows only;
-- 5, 10
