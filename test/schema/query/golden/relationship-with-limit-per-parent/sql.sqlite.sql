-- rows
select "t0"."name" as "c0", "t0"."id" as "c1"
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  order by "t0"."id" asc
  limit 50001;
-- 

-- rows.albums.rows
select b.o, "b"."c0", "b"."c1"
  from (select s.o as o, "t0"."title" as "c0", "t0"."id" as "c1", row_number() over (partition by s.o
  order by "t0"."title" asc, "t0"."id" asc) as rn
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.k0') as integer) as "k0"
  from json_each(?)) as s cross join (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where "t0"."artist_id" = "s"."k0") as b
  where b.rn > ? and b.rn <= ?
  order by b.o, b.rn
  limit 50001;
-- <source>, 0, 2

-- rows.albums.rows.tracks.rows
select s.o as o, "t0"."title" as "c0"
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.k0') as text) as "k0"
  from json_each(?)) as s cross join (select *
  from "tracks"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where "t0"."album_id" = "s"."k0"
  order by s.o, "t0"."album_id" asc, "t0"."position" asc
  limit 50001;
-- <source>

-- rows.albums.rows.tracks.aggregates
select b.o as o, count(*) as "c0"
  from (select s.o as o
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.k0') as text) as "k0"
  from json_each(?)) as s cross join (select *
  from "tracks"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where "t0"."album_id" = "s"."k0") as b
  group by b.o;
-- <source>
