-- rows
select "t0"."id" as "c0"
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where (select (2 * percentile_cont("t2"."price" / 2, 0.5))
  from (select *
  from "albums"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t2"
  where "t2"."artist_id" = "t0"."id") > ?
  order by (select percentile_cont("t1"."year", 0.95)
  from (select *
  from "albums"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."artist_id" = "t0"."id") desc, "t0"."id" asc
  limit 50001;
-- 2
