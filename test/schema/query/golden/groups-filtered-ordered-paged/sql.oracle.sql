-- groups
select g.o as o, to_char(sys_extract_utc(g.d0), 'YYYY-MM-DD"T"HH24:MI:SS.FF3') as c0, g.d1 as c1, g.g0 as x0, g.g1 as x1
  from (select g.*, row_number() over (partition by g.o
  order by g.g2 desc nulls last, g.d1 collate binary asc nulls first, g.d0 asc nulls first) as rn
  from (select b.o as o, b.d0 as d0, b.d1 as d1, b.v0 as v0, count(*) as g0, percentile_cont(0.95) within group (order by to_binary_double(b.a0)) as g1, max(b.a1) as g2
  from (select s.o as o, t0."length_ms" as a0, t0."position" as a1, from_tz(cast(trunc(sys_extract_utc(t0."played_at"), 'DD') as timestamp), 'UTC') as d0, (select t1."title"
  from "albums" t1
  where t1."id" = t0."album_id"
  order by null
  fetch next 1 rows only) collate binary as d1, s.v0 as v0
  from (select o, v0
  from json_table(:1, '$[*]' columns (o number path '$.o', v0 number path '$.v0')) j) s cross join "tracks" t0) b
  group by b.o, b.d0, b.d1, b.v0) g
  where not ((case when g.g0 < g.v0 then 1 else 0 end = 1))) g
  where g.rn > :2 and g.rn <= :3
  order by g.o, g.rn
  fetch next 50001 rows only;
-- <source>, 1, 6
