-- rows
select "t0"."id" as "c0"
  from (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  order by (select "t1"."name"
  from (select *
  from "artists"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t1"
  where "t1"."id" = "t0"."artist_id"
  limit 1) desc, (select min(max(case when (coalesce(sum("t2"."length_ms" >> 32), 0) + (coalesce(sum("t2"."length_ms" & 4294967295), 0) >> 32)) between -2147483648 and 2147483647 then (coalesce(sum("t2"."length_ms" >> 32), 0) + (coalesce(sum("t2"."length_ms" & 4294967295), 0) >> 32)) * 4294967296 + (coalesce(sum("t2"."length_ms" & 4294967295), 0) & 4294967295) else (coalesce(sum("t2"."length_ms" >> 32), 0) + (coalesce(sum("t2"."length_ms" & 4294967295), 0) >> 32)) * 4294967296.0 + (coalesce(sum("t2"."length_ms" & 4294967295), 0) & 4294967295) end, -9223372036854775808), 9223372036854775807)
  from (select *
  from "tracks"
  where (rowid & 7) or sentinel_in_time(rowid)) as "t2"
  where "t2"."album_id" = "t0"."id" and "t2"."explicit" = ?) asc, "t0"."id" asc
  limit 50001;
-- 1
