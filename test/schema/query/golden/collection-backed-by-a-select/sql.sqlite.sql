-- rows
select "t0"."name" as "c0", "t0"."id" as "c1"
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  order by (select "t1"."albums"
  from (select *
  from (select artist_id, cast(count(*) as integer) as albums
  from albums
  where artist_id is not null
  group by artist_id)
  where sentinel_in_time()) as "t1"
  where "t1"."artist_id" = "t0"."id"
  limit 1) desc, "t0"."id" asc
  limit 50001;
-- 

-- rows.totals.rows
select s.o as o, "t0"."albums" as "c0"
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.k0') as integer) as "k0"
  from json_each(?)) as s cross join (select *
  from (select artist_id, cast(count(*) as integer) as albums
  from albums
  where artist_id is not null
  group by artist_id)
  where sentinel_in_time()) as "t0"
  where "t0"."artist_id" = "s"."k0"
  order by s.o, "t0"."artist_id" asc
  limit 50001;
-- <source>
