-- rows
select 1 as c0
  from (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where ((select max(cast(json_extract("t1"."address", '$."city"') as text))
  from (select *
  from "artists"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."name" = "t0"."title") > ? and (select count(distinct json_extract("t2"."address", '$."geo"'))
  from (select *
  from "artists"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t2"
  where "t2"."name" = "t0"."title") < ?)
  order by "t0"."id" asc
  limit 50001;
-- "a", 3
