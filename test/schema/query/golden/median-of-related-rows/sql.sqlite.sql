-- rows
select "t0"."id" as "c0"
  from "artists" as "t0"
  where (select (2 * percentile_cont("t2"."price" / 2, 0.5))
  from "albums" as "t2"
  where "t2"."artist_id" = "t0"."id") > ?
  order by (select percentile_cont("t1"."year", 0.95)
  from "albums" as "t1"
  where "t1"."artist_id" = "t0"."id") desc, "t0"."id" asc
  limit 50001;
-- 2
