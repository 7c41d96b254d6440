-- rows
select "t0"."members" as "c0"
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  order by "t0"."id" asc
  limit 50001;
-- 

-- rows.members.related
select s.o as o, case when (cast(json_extract("s"."value", '$."age"') as integer) > ? and exists (select 1
  from (select *
  from "artists"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t0"
  where "t0"."id" = cast(json_extract("s"."value", '$."artist_id"') as integer) and "t0"."name" <> cast(json_extract("s"."value", '$."name"') as text))) then 1 else 0 end as "c0", (select "t1"."founded"
  from (select *
  from "artists"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."id" = cast(json_extract("s"."value", '$."artist_id"') as integer)
  limit 1) as "c1", (select "t2"."founded"
  from (select *
  from "artists"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t2"
  where "t2"."id" = cast(json_extract("s"."value", '$."artist_id"') as integer)
  limit 1) as "c2"
  from (select cast(json_extract(value, '$.o') as integer) as "o", json_extract(value, '$.value') as "value"
  from json_each(?)) as s;
-- 20, <source>
