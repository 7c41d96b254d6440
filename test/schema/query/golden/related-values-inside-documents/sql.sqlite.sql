-- rows
select 1 as c0
  from "albums" as "t0"
  where ((select max(cast(json_extract("t1"."address", '$."city"') as text))
  from "artists" as "t1"
  where "t1"."name" = "t0"."title") > ? and (select count(distinct json_extract("t2"."address", '$."geo"'))
  from "artists" as "t2"
  where "t2"."name" = "t0"."title") < ?)
  order by "t0"."id" asc
  limit 50001;
-- "a", 3
