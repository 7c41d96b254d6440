-- groups
select g.o as o, "g"."d0" as "c0", "g"."d1" as "c1", "g"."g0" as "x0", "g"."g1" as "x1"
  from (select g.*, row_number() over (partition by g.o
  order by "g"."g2" desc, "g"."d1" asc, "g"."d0" asc) as rn
  from (select "b"."o" as "o", "b"."d0" as "d0", "b"."d1" as "d1", "b"."v0" as "v0", count(*) as "g0", percentile_cont("b"."a0", 0.95) as "g1", max("b"."a1") as "g2"
  from (select s.o as o, "t0"."length_ms" as "a0", "t0"."position" as "a1", ("t0"."played_at" - (("t0"."played_at" % 86400000 + 86400000) % 86400000)) as "d0", (select "t1"."title"
  from (select *
  from "albums"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."id" = "t0"."album_id"
  limit 1) as "d1", "s"."v0" as "v0"
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.v0') as integer) as "v0"
  from json_each(?)) as s cross join (select *
  from "tracks"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0") as b
  group by "b"."o", "b"."d0", "b"."d1", "b"."v0") as g
  where not ((("g"."g0" < "g"."v0") is true))) as g
  where g.rn > ? and g.rn <= ?
  order by g.o, g.rn
  limit 50001;
-- <source>, 1, 6
