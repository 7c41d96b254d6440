-- rows
select "t0"."id" as "c0"
  from "albums" as "t0"
  order by (select "t1"."name"
  from "artists" as "t1"
  where "t1"."id" = "t0"."artist_id"
  limit 1) desc, (select coalesce(sum("t2"."length_ms"), 0)
  from "tracks" as "t2"
  where "t2"."album_id" = "t0"."id" and "t2"."explicit" = ?) asc, "t0"."id" asc
  limit 50001;
-- 1
