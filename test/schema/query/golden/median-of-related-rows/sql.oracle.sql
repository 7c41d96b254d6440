-- rows
select t0."id" as c0
  from "artists" t0
  where (select percentile_cont(0.5) within group (order by to_binary_double(t2."price"))
  from "albums" t2
  where t2."artist_id" = t0."id") > to_binary_double(:1)
  order by (select percentile_cont(0.95) within group (order by to_binary_double(t1."year"))
  from "albums" t1
  where t1."artist_id" = t0."id") desc nulls last, t0."id" asc
  fetch next 50001 rows only;
-- 2
