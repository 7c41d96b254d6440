-- aggregates
select count(*) as c0, count(distinct b.a0) as c1, (least(greatest(coalesce(sum(case when abs(b.a1) > 1e+280d then b.a1 * 5.421010862427522e-20d end), 0d), -9.741556519782257e+288d), 9.741556519782257e+288d) * 18446744073709552000d + coalesce(sum(case when abs(b.a1) <= 1e+280d then b.a1 end), 0d)) as c2, to_binary_double(avg(b.a0)) as c3, lower(regexp_replace(rawtohex(min(b.a2)), '(.{8})(.{4})(.{4})(.{4})(.{12})', '\1-\2-\3-\4-\5')) as c4, case when count(b.a1) > 1 and max(abs(b.a1)) > 1e+145d then 1.797e+308d else stddev_samp(case when abs(b.a1) <= 1e+145d then b.a1 end) end as c5, percentile_cont(0.5) within group (order by to_binary_double(b.a1)) as c6, percentile_cont(0.95) within group (order by to_binary_double(b.a1)) as c7
  from (select t0."year" as a0, t0."price" as a1, t0."id" as a2
  from "albums" t0
  order by t0."id" asc
  fetch next :1 rows only) b;
-- 10
