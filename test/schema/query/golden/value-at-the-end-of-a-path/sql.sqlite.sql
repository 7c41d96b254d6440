-- rows
select 1 as c0
  from (select *
  from "tracks"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where exists (select 1
  from (select *
  from "albums"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1", (select *
  from "artists"
  where sentinel_in_time(rowid)) as "t2"
  where "t1"."id" = "t0"."album_id" and "t2"."id" = "t1"."artist_id" and "t0"."title" = "t2"."name")
  order by "t0"."album_id" asc, "t0"."position" asc
  limit 50001;
-- 
