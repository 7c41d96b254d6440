-- aggregates
select count(*) as "c0", count(distinct "b"."a0") as "c1", coalesce(sum("b"."a1"), 0) as "c2", avg("b"."a0") as "c3", min("b"."a2") as "c4", sqrt((sum(("b"."a1" - "b"."w0") * ("b"."a1" - "b"."w0")) / nullif(count("b"."a1") - 1, 0))) as "c5", median("b"."a1") as "c6", percentile_cont("b"."a1", 0.95) as "c7"
  from (select b.*, avg("b"."a1") over () as "w0"
  from (select "t0"."year" as "a0", "t0"."price" as "a1", "t0"."id" as "a2"
  from "albums" as "t0"
  order by "t0"."id" asc
  limit ?) as b) as b;
-- 10
