-- aggregates
select b.o as o, max("b"."a0") as "c0", cast(max("b"."a1") as text) as "c1", (sum(("b"."a1" - "b"."w0") * ("b"."a1" - "b"."w0")) / nullif(count("b"."a1") - 1, 0)) as "c2"
  from (select b.*, avg(cast("b"."a1" as real)) over (partition by b.o) as "w0"
  from (select s.o as o, "t0"."explicit" as "a0", "t0"."length_ms" as "a1"
  from (select cast(json_extract(value, '$.o') as integer) as "o", json_extract(value, '$.v0') as "v0"
  from json_each(?)) as s cross join (select *
  from "tracks"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where "t0"."explicit" = "s"."v0") as b) as b
  group by b.o;
-- <source>
