-- rows
select b.o, "b"."c0"
  from (select s.o as o, "t0"."title" as "c0", row_number() over (partition by s.o
  order by "t0"."released" desc, convert(char(36), "t0"."id") asc) as rn
  from (select "o", "v0", "v1", "v2"
  from openjson(@1) with ("o" int '$.o', "v0" int '$.v0', "v1" nvarchar(max) '$.v1' as json, "v2" nvarchar(max) '$.v2') as j) as s cross join "albums" as "t0"
  where ("t0"."year" >= "s"."v0" and (exists (select 1
  from openjson(case when left("s"."v1", 1) = '[' then "s"."v1" end) as "t1"
  where ("t1"."value" = "t0"."title" collate Latin1_General_100_BIN2 and datalength("t1"."value") = datalength("t0"."title"))) or "t0"."title" like replace("s"."v2", '[', '\[') collate Latin1_General_100_BIN2 escape '\'))) as b
  where b.rn > @2 and b.rn <= @3
  order by b.o, b.rn
  offset 0 rows
  fetch next 50001 rows only;
-- <source>, 1, 4
