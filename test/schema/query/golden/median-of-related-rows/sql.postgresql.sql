-- rows
select "t0"."id" as "c0"
  from "artists" as "t0"
  where (select (2 * percentile_cont(0.5) within group (order by "t2"."price" / 2))
  from "albums" as "t2"
  where "t2"."artist_id" = "t0"."id") > $1::double precision
  order by (select percentile_cont(0.95) within group (order by "t1"."year"::double precision)
  from "albums" as "t1"
  where "t1"."artist_id" = "t0"."id") desc nulls last, "t0"."id" asc
  limit 50001;
-- 2
