-- rows
select t0."name" as c0, t0."id" as c1
  from "artists" t0
  order by t0."id" asc
  fetch next 50001 rows only;
-- 

-- rows.albums.rows
select b.o, b.c0, b.c1
  from (select s.o as o, t0."title" as c0, lower(regexp_replace(rawtohex(t0."id"), '(.{8})(.{4})(.{4})(.{4})(.{12})', '\1-\2-\3-\4-\5')) as c1, row_number() over (partition by s.o
  order by t0."title" collate binary asc, t0."id" asc) as rn
  from (select o, k0
  from json_table(:1, '$[*]' columns (o number path '$.o', k0 number path '$.k0')) j) s cross join "albums" t0
  where t0."artist_id" = s.k0) b
  where b.rn > :2 and b.rn <= :3
  order by b.o, b.rn
  fetch next 50001 rows only;
-- <source>, 0, 2

-- rows.albums.rows.tracks.rows
select s.o as o, t0."title" as c0
  from (select o, hextoraw(replace(k0, '-', '')) as k0
  from json_table(:1, '$[*]' columns (o number path '$.o', k0 varchar2(36) path '$.k0')) j) s cross join "tracks" t0
  where t0."album_id" = s.k0
  order by s.o, t0."album_id" asc, t0."position" asc
  fetch next 50001 rows only;
-- <source>

-- rows.albums.rows.tracks.aggregates
select b.o as o, count(*) as c0
  from (select s.o as o
  from (select o, hextoraw(replace(k0, '-', '')) as k0
  from json_table(:1, '$[*]' columns (o number path '$.o', k0 varchar2(36) path '$.k0')) j) s cross join "tracks" t0
  where t0."album_id" = s.k0) b
  group by b.o;
-- <source>
