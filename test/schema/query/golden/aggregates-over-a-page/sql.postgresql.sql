-- aggregates
select count(*) as "c0", count(distinct "b"."a0") as "c1", (least(greatest(coalesce(sum(case when abs("b"."a1") > 1e+280::double precision then "b"."a1" * 5.421010862427522e-20::double precision end), 0::double precision), -9.741556519782257e+288::double precision), 9.741556519782257e+288::double precision) * 18446744073709552000::double precision + coalesce(sum(case when abs("b"."a1") <= 1e+280::double precision then "b"."a1" end), 0::double precision)) as "c2", avg("b"."a0")::double precision as "c3", min("b"."a2"::text collate "C")::uuid as "c4", case when count("b"."a1") > 1 and max(abs("b"."a1")) > 1e+145::double precision then 1.797e+308::double precision else stddev_samp(case when abs("b"."a1") <= 1e+145::double precision then "b"."a1" end) end as "c5", (2 * percentile_cont(0.5) within group (order by "b"."a1" / 2)) as "c6", (2 * percentile_cont(0.95) within group (order by "b"."a1" / 2)) as "c7"
  from (select "t0"."year" as "a0", "t0"."price" as "a1", "t0"."id" as "a2"
  from "albums" as "t0"
  order by "t0"."id" asc
  limit $1) as b;
-- 10
