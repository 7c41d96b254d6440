-- rows
select 1 as c0
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where (select count(*)
  from (select *
  from "albums"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."artist_id" = "t0"."id" and "t1"."year" > ?) >= ?
  order by "t0"."id" asc
  limit 50001;
-- 1992, 2
