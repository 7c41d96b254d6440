-- rows
select 1 as c0
  from "albums" as "t0"
  where ((select max(("t1"."address" ->> 'city')::text collate "C")
  from "artists" as "t1"
  where "t1"."name" = "t0"."title") > $1::text collate "C" and (select count(distinct nullif("t2"."address" -> 'geo', 'null'::jsonb))
  from "artists" as "t2"
  where "t2"."name" = "t0"."title") < $2::integer)
  order by "t0"."id" asc
  limit 50001;
-- "a", 3
