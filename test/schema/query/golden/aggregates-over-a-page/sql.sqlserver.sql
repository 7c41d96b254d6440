-- aggregates
select count(*) as "c0", count(distinct "b"."a0") as "c1", (case when coalesce(sum(case when abs("b"."a1") > 1e+280 then "b"."a1" * 5.421010862427522e-20 end), 0e0) < -9.741556519782257e+288 then -9.741556519782257e+288 when coalesce(sum(case when abs("b"."a1") > 1e+280 then "b"."a1" * 5.421010862427522e-20 end), 0e0) > 9.741556519782257e+288 then 9.741556519782257e+288 else coalesce(sum(case when abs("b"."a1") > 1e+280 then "b"."a1" * 5.421010862427522e-20 end), 0e0) end * 18446744073709552000e0 + coalesce(sum(case when abs("b"."a1") <= 1e+280 then "b"."a1" end), 0e0)) as "c2", (cast(sum(cast("b"."a0" as decimal(38, 0))) as float) / nullif(count("b"."a0"), 0)) as "c3", cast(min(convert(char(36), "b"."a2")) as uniqueidentifier) as "c4", case when count("b"."a1") > 1 and max(abs("b"."a1")) > 1e+145 then 1.797e+308 else stdev(case when abs("b"."a1") <= 1e+145 then "b"."a1" end) end as "c5", max("b"."w0") as "c6", max("b"."w1") as "c7"
  from (select b.*, percentile_cont(0.5) within group (order by cast("b"."a1" as float)) over () as "w0", percentile_cont(0.95) within group (order by cast("b"."a1" as float)) over () as "w1"
  from (select "t0"."year" as "a0", "t0"."price" as "a1", "t0"."id" as "a2"
  from "albums" as "t0"
  order by convert(char(36), "t0"."id") asc
  offset 0 rows
  fetch next @1 rows only) as b) as b;
-- 10
