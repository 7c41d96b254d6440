-- rows
select s.o as o, "t0"."title" as "c0"
  from (select "o", "v0", "v1", "v2"
  from openjson(@1) with ("o" int '$.o', "v0" int '$.v0', "v1" nvarchar(max) '$.v1' as json, "v2" nvarchar(max) '$.v2') as j) as s cross join "albums" as "t0"
  where ("t0"."year" >= "s"."v0" and (exists (select 1
  from openjson(case when left("s"."v1", 1) = '[' then "s"."v1" end) as "t1"
  where ("t1"."value" = "t0"."title" collate Latin1_General_100_BIN2 and datalength("t1"."value") = datalength("t0"."title"))) or "t0"."title" like replace("s"."v2", '[', '\[') collate Latin1_General_100_BIN2 escape '\'))
  order by "t0"."released" desc, convert(char(36), "t0"."id") asc
  offset @2 rows
  fetch next @3 rows only;
-- <source>, 1, 3

-- groups
select g.o as o, "g"."d0" as "c0"
  from (select "b"."o" as "o", "b"."d0" as "d0"
  from (select s.o as o, "t0"."year" as "d0"
  from (select "o", "v0", "v1", "v2"
  from openjson(@1) with ("o" int '$.o', "v0" int '$.v0', "v1" nvarchar(max) '$.v1' as json, "v2" nvarchar(max) '$.v2') as j) as s cross join "albums" as "t0"
  where ("t0"."year" >= "s"."v0" and (exists (select 1
  from openjson(case when left("s"."v1", 1) = '[' then "s"."v1" end) as "t1"
  where ("t1"."value" = "t0"."title" collate Latin1_General_100_BIN2 and datalength("t1"."value") = datalength("t0"."title"))) or "t0"."title" like replace("s"."v2", '[', '\[') collate Latin1_General_100_BIN2 escape '\'))
  order by "t0"."released" desc, convert(char(36), "t0"."id") asc
  offset @2 rows
  fetch next @3 rows only) as b
  group by "b"."o", "b"."d0") as g
  order by "g"."d0" asc
  offset 0 rows
  fetch next @4 rows only;
-- <source>, 1, 3, 2
