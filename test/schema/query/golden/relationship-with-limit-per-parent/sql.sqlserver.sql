-- rows
select "t0"."name" as "c0", "t0"."id" as "c1"
  from "artists" as "t0"
  order by "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 

-- rows.albums.rows
select b.o, "b"."c0", "b"."c1"
  from (select s.o as o, "t0"."title" as "c0", "t0"."id" as "c1", row_number() over (partition by s.o
  order by cast(("t0"."title" + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) asc, convert(char(36), "t0"."id") asc) as rn
  from (select "o", "k0"
  from openjson(@1) with ("o" int '$.o', "k0" int '$.k0') as j) as s cross join "albums" as "t0"
  where "t0"."artist_id" = "s"."k0") as b
  where b.rn > @2 and b.rn <= @3
  order by b.o, b.rn
  offset 0 rows
  fetch next 50001 rows only;
-- <source>, 0, 2

-- rows.albums.rows.tracks.rows
select s.o as o, "t0"."title" as "c0"
  from (select "o", "k0"
  from openjson(@1) with ("o" int '$.o', "k0" uniqueidentifier '$.k0') as j) as s cross join "tracks" as "t0"
  where "t0"."album_id" = "s"."k0"
  order by s.o, convert(char(36), "t0"."album_id") asc, "t0"."position" asc
  offset 0 rows
  fetch next 50001 rows only;
-- <source>

-- rows.albums.rows.tracks.aggregates
select b.o as o, count(*) as "c0"
  from (select s.o as o
  from (select "o", "k0"
  from openjson(@1) with ("o" int '$.o', "k0" uniqueidentifier '$.k0') as j) as s cross join "tracks" as "t0"
  where "t0"."album_id" = "s"."k0") as b
  group by b.o;
-- <source>
