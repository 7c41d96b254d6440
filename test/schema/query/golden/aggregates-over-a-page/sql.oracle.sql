-- aggregates
select count(*) as c0, count(distinct b.a0) as c1, coalesce(sum(b.a1), 0) as c2, avg(to_binary_double(b.a0)) as c3, lower(regexp_replace(rawtohex(min(b.a2)), '(.{8})(.{4})(.{4})(.{4})(.{12})', '\1-\2-\3-\4-\5')) as c4, stddev_samp(to_binary_double(b.a1)) as c5, percentile_cont(0.5) within group (order by to_binary_double(b.a1)) as c6, percentile_cont(0.95) within group (order by to_binary_double(b.a1)) as c7
  from (select t0."year" as a0, t0."price" as a1, t0."id" as a2
  from "albums" t0
  order by t0."id" asc
  fetch next :1 rows only) b;
-- 10
