-- groups
select g.o as o, replace(convert(varchar(23), "g"."d0", 121), ' ', 'T') as "c0", cast(replace("g"."d1", char(0), '') as nvarchar(max)) collate Latin1_General_100_BIN2 as "c1", "g"."g0" as "x0", "g"."g1" as "x1"
  from (select g.*, row_number() over (partition by g.o
  order by "g"."g2" desc, cast(("g"."d1" + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) asc, "g"."d0" asc) as rn
  from (select "b"."o" as "o", "b"."d0" as "d0", "b"."d1" as "d1", "b"."v0" as "v0", count(*) as "g0", max("b"."w0") as "g1", max("b"."a1") as "g2"
  from (select b.*, percentile_cont(0.95) within group (order by cast("b"."a0" as float)) over (partition by "b"."o", "b"."d0", "b"."d1") as "w0"
  from (select s.o as o, "t0"."length_ms" as "a0", "t0"."position" as "a1", dateadd(day, datediff(day, cast('1970-01-01' as datetime2(3)), "t0"."played_at"), cast('1970-01-01' as datetime2(3))) as "d0", cast(((select "t1"."title"
  from "albums" as "t1"
  where "t1"."id" = "t0"."album_id"
  order by (select null)
  offset 0 rows
  fetch next 1 rows only) + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) as "d1", "s"."v0" as "v0"
  from (select "o", "v0"
  from openjson(@1) with ("o" int '$.o', "v0" int '$.v0') as j) as s cross join "tracks" as "t0") as b) as b
  group by "b"."o", "b"."d0", "b"."d1", "b"."v0") as g
  where not ((case when "g"."g0" < "g"."v0" then 1 else 0 end = 1))) as g
  where g.rn > @2 and g.rn <= @3
  order by g.o, g.rn
  offset 0 rows
  fetch next 50001 rows only;
-- <source>, 1, 6
