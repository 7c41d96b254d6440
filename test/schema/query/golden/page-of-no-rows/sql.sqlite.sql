-- rows
select "t0"."id" as "c0"
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  order by "t0"."id" asc
  limit ? offset ?;
-- 0, 3
