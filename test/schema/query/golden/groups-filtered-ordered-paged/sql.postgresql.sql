-- groups
select g.o as o, to_char("g"."d0" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "c0", "g"."d1" as "c1", "g"."g0" as "x0", "g"."g1" as "x1"
  from (select g.*, row_number() over (partition by g.o
  order by "g"."g2" desc nulls last, "g"."d1" collate "C" asc nulls first, "g"."d0" asc nulls first) as rn
  from (select "b"."o" as "o", "b"."d0" as "d0", "b"."d1" as "d1", "b"."v0" as "v0", count(*) as "g0", percentile_cont(0.95) within group (order by "b"."a0"::double precision) as "g1", max("b"."a1") as "g2"
  from (select s.o as o, "t0"."length_ms" as "a0", "t0"."position" as "a1", date_trunc('day', "t0"."played_at", 'UTC') as "d0", (select "t1"."title"
  from "albums" as "t1"
  where "t1"."id" = "t0"."album_id"
  limit 1) collate "C" as "d1", "s"."v0" as "v0"
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "v0" integer) cross join "tracks" as "t0") as b
  group by "b"."o", "b"."d0", "b"."d1", "b"."v0") as g
  where not ((("g"."g0" < "g"."v0") is true))) as g
  where g.rn > $2 and g.rn <= $3
  order by g.o, g.rn
  limit 50001;
-- <source>, 1, 6
