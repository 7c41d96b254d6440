-- aggregates
select count(*) as "c0", count(distinct "b"."a0") as "c1", coalesce(sum("b"."a1"), 0) as "c2", avg(cast("b"."a0" as float)) as "c3", cast(min(convert(char(36), "b"."a2")) as uniqueidentifier) as "c4", stdev(cast("b"."a1" as float)) as "c5", max("b"."w0") as "c6", max("b"."w1") as "c7"
  from (select b.*, percentile_cont(0.5) within group (order by cast("b"."a1" as float)) over () as "w0", percentile_cont(0.95) within group (order by cast("b"."a1" as float)) over () as "w1"
  from (select "t0"."year" as "a0", "t0"."price" as "a1", "t0"."id" as "a2"
  from "albums" as "t0"
  order by convert(char(36), "t0"."id") asc
  offset 0 rows
  fetch next @1 rows only) as b) as b;
-- 10
