-- rows
select "t0"."id" as "c0", "t0"."name" as "c1", cast("t0"."plays" as text) as "c2", "t0"."founded" as "c3", "t0"."address" as "c4"
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  order by "t0"."id" asc
  limit ? offset ?;
-- 10, 5
