-- aggregates
select count(*) as "c0", count(distinct "b"."a0") as "c1", (min(max(coalesce(sum(case when abs("b"."a1") > 1e+280 then "b"."a1" * 5.421010862427522e-20 end), 0.0), -9.741556519782257e+288), 9.741556519782257e+288) * 18446744073709552000.0 + coalesce(sum(case when abs("b"."a1") <= 1e+280 then "b"."a1" end), 0.0)) as "c2", avg("b"."a0") as "c3", min("b"."a2") as "c4", case when count("b"."a1") > 1 and max(abs("b"."a1")) > 1e+145 then 1.797e+308 else sqrt((sum((case when abs("b"."a1") <= 1e+145 then "b"."a1" end - "b"."w0") * (case when abs("b"."a1") <= 1e+145 then "b"."a1" end - "b"."w0")) / nullif(count(case when abs("b"."a1") <= 1e+145 then "b"."a1" end) - 1, 0))) end as "c5", (2 * percentile_cont("b"."a1" / 2, 0.5)) as "c6", (2 * percentile_cont("b"."a1" / 2, 0.95)) as "c7"
  from (select b.*, avg(case when abs("b"."a1") <= 1e+145 then "b"."a1" end) over () as "w0"
  from (select "t0"."year" as "a0", "t0"."price" as "a1", "t0"."id" as "a2"
  from (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  order by "t0"."id" asc
  limit ?) as b) as b;
-- 10
