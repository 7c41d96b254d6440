-- rows
select 1 as c0
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where exists (select 1
  from (select *
  from "albums"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."artist_id" = "t0"."id" and exists (select 1
  from (select *
  from "tracks"
  where sentinel_in_time(rowid)) as "t2"
  where ("t2"."title" = "t1"."title" and "t2"."title" <> "t0"."name")))
  order by "t0"."id" asc
  limit 50001;
-- 
