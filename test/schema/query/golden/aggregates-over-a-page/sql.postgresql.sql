-- aggregates
select count(*) as "c0", count(distinct "b"."a0") as "c1", coalesce(sum("b"."a1"), 0::double precision) as "c2", avg("b"."a0")::double precision as "c3", min("b"."a2"::text collate "C")::uuid as "c4", stddev_samp("b"."a1"::double precision) as "c5", percentile_cont(0.5) within group (order by "b"."a1"::double precision) as "c6", percentile_cont(0.95) within group (order by "b"."a1"::double precision) as "c7"
  from (select "t0"."year" as "a0", "t0"."price" as "a1", "t0"."id" as "a2"
  from "albums" as "t0"
  order by "t0"."id" asc
  limit $1) as b;
-- 10
