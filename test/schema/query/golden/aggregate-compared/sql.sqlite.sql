-- rows
select 1 as c0
  from "artists" as "t0"
  where (select count(*)
  from "albums" as "t1"
  where "t1"."artist_id" = "t0"."id" and "t1"."year" > ?) >= ?
  order by "t0"."id" asc
  limit 50001;
-- 1992, 2
