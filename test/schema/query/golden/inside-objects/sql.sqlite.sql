-- rows
select "t0"."address" as "c0"
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where (cast(json_extract("t0"."address", '$."city"') as text) = ? and cast(json_extract("t0"."address", '$."geo"."lat"') as real) > ? and cast(round(unixepoch(json_extract("t0"."address", '$."since"'), 'subsec') * 1000) as integer) < ? and exists (select 1
  from (select *
  from "artists"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."id" = cast(json_extract("t0"."address", '$."label_id"') as integer)))
  order by cast(json_extract("t0"."address", '$."visits"') as integer) asc, "t0"."id" asc
  limit 50001;
-- "a", 1, 1735689600000

-- aggregates
select cast(max("b"."a0") as text) as "c0"
  from (select cast(json_extract("t0"."address", '$."visits"') as integer) as "a0"
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where (cast(json_extract("t0"."address", '$."city"') as text) = ? and cast(json_extract("t0"."address", '$."geo"."lat"') as real) > ? and cast(round(unixepoch(json_extract("t0"."address", '$."since"'), 'subsec') * 1000) as integer) < ? and exists (select 1
  from (select *
  from "artists"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."id" = cast(json_extract("t0"."address", '$."label_id"') as integer)))) as b;
-- "a", 1, 1735689600000

-- rows.city.rows.label.rows
select s.o as o, "t0"."name" as "c0"
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.k0') as integer) as "k0"
  from json_each(?)) as s cross join (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where "t0"."id" = "s"."k0"
  order by s.o, "t0"."id" asc
  limit 50001;
-- <source>
