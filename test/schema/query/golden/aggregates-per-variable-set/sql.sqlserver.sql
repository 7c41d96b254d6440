-- aggregates
select b.o as o, cast(max(cast("b"."a0" as int)) as bit) as "c0", convert(varchar(40), max("b"."a1")) as "c1", var(cast("b"."a1" as float)) as "c2"
  from (select s.o as o, "t0"."explicit" as "a0", "t0"."length_ms" as "a1"
  from (select "o", "v0"
  from openjson(@1) with ("o" int '$.o', "v0" bit '$.v0') as j) as s cross join "tracks" as "t0"
  where "t0"."explicit" = "s"."v0") as b
  group by b.o;
-- <source>
