-- rows
select "t0"."id" as "c0"
  from "artists" as "t0"
  where (select max("t4".w)
  from (select "t3"."price" as a, percentile_cont(0.5) within group (order by cast("t3"."price" as float)) over () as w
  from "albums" as "t3"
  where "t3"."artist_id" = "t0"."id") as "t4") > cast(@1 as float)
  order by (select max("t2".w)
  from (select "t1"."year" as a, percentile_cont(0.95) within group (order by cast("t1"."year" as float)) over () as w
  from "albums" as "t1"
  where "t1"."artist_id" = "t0"."id") as "t2") desc, "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 2
