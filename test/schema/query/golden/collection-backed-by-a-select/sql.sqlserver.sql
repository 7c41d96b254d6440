-- rows
select "t0"."name" as "c0", "t0"."id" as "c1"
  from "artists" as "t0"
  order by (select "t1"."albums"
  from (select artist_id, cast(count(*) as int) as albums
  from albums
  where artist_id is not null
  group by artist_id) as "t1"
  where "t1"."artist_id" = "t0"."id"
  order by (select null)
  offset 0 rows
  fetch next 1 rows only) desc, "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 

-- rows.totals.rows
select s.o as o, "t0"."albums" as "c0"
  from (select "o", "k0"
  from openjson(@1) with ("o" int '$.o', "k0" int '$.k0') as j) as s cross join (select artist_id, cast(count(*) as int) as albums
  from albums
  where artist_id is not null
  group by artist_id) as "t0"
  where "t0"."artist_id" = "s"."k0"
  order by s.o, "t0"."artist_id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- <source>
