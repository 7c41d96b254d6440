-- rows
select "t0"."id" as "c0"
  from "albums" as "t0"
  order by (select "t1"."name"
  from "artists" as "t1"
  where "t1"."id" = "t0"."artist_id"
  limit 1) collate "C" desc nulls last, (select least(greatest(coalesce(sum("t2"."length_ms"), 0), -9223372036854775808), 9223372036854775807)
  from "tracks" as "t2"
  where "t2"."album_id" = "t0"."id" and "t2"."explicit" = $1::boolean) asc nulls first, "t0"."id" asc
  limit 50001;
-- true
