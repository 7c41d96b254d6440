-- rows
select "t0"."name" as "c0", "t0"."id" as "c1"
  from "artists" as "t0"
  order by "t0"."id" asc
  limit 50001;
-- 

-- rows.albums.rows
select b.o, "b"."c0", "b"."c1"
  from (select s.o as o, "t0"."title" as "c0", "t0"."id" as "c1", row_number() over (partition by s.o
  order by "t0"."title" collate "C" asc, "t0"."id" asc) as rn
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "k0" integer) cross join "albums" as "t0"
  where "t0"."artist_id" = "s"."k0") as b
  where b.rn > $2 and b.rn <= $3
  order by b.o, b.rn
  limit 50001;
-- <source>, 0, 2

-- rows.albums.rows.tracks.rows
select s.o as o, "t0"."title" as "c0"
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "k0" uuid) cross join "tracks" as "t0"
  where "t0"."album_id" = "s"."k0"
  order by s.o, "t0"."album_id" asc, "t0"."position" asc
  limit 50001;
-- <source>

-- rows.albums.rows.tracks.aggregates
select b.o as o, count(*) as "c0"
  from (select s.o as o
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "k0" uuid) cross join "tracks" as "t0"
  where "t0"."album_id" = "s"."k0") as b
  group by b.o;
-- <source>
