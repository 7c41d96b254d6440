-- rows
select "t0"."title" as "c0"
  from "albums" as "t0"
  order by cast(("t0"."title" + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) desc, convert(char(36), "t0"."id") asc
  offset 0 rows
  fetch next 50001 rows only;
-- 

-- aggregates
select count(distinct cast(("b"."a0" + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max))) as "c0", count(distinct cast(("b"."a1" + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max))) as "c1", cast(replace(min(cast(("b"."a0" + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max))), char(0), '') as nvarchar(max)) collate Latin1_General_100_BIN2 as "c2"
  from (select "t0"."title" as "a0", "t0"."meta" as "a1"
  from "albums" as "t0") as b;
-- 

-- groups
select cast(replace("g"."d0", char(0), '') as nvarchar(max)) collate Latin1_General_100_BIN2 as "c0", "g"."g0" as "x0"
  from (select "b"."d0" as "d0", count(*) as "g0"
  from (select cast(("t0"."title" + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) as "d0"
  from "albums" as "t0") as b
  group by "b"."d0") as g
  order by cast(("g"."d0" + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) desc
  offset 0 rows
  fetch next 50001 rows only;
-- 
