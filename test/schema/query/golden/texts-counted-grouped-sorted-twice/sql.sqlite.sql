-- rows
select "t0"."title" as "c0"
  from (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  order by "t0"."title" desc, "t0"."id" asc
  limit 50001;
-- 

-- aggregates
select count(distinct "b"."a0") as "c0", count(distinct "b"."a1") as "c1", min("b"."a0") as "c2"
  from (select "t0"."title" as "a0", "t0"."meta" as "a1"
  from (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0") as b;
-- 

-- groups
select "g"."d0" as "c0", "g"."g0" as "x0"
  from (select "b"."d0" as "d0", count(*) as "g0"
  from (select "t0"."title" as "d0"
  from (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0") as b
  group by "b"."d0") as g
  order by "g"."d0" desc
  limit 50001;
-- 
