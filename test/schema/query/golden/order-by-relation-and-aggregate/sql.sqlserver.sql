-- rows
select "t0"."id" as "c0"
  from "albums" as "t0"
  order by cast(((select "t1"."name"
  from "artists" as "t1"
  where "t1"."id" = "t0"."artist_id"
  order by (select null)
  offset 0 rows
  fetch next 1 rows only) + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) desc, (select case when coalesce(sum(cast("t2"."length_ms" as decimal(38, 0))), 0) < -9223372036854775808 then -9223372036854775808 when coalesce(sum(cast("t2"."length_ms" as decimal(38, 0))), 0) > 9223372036854775807 then 9223372036854775807 else coalesce(sum(cast("t2"."length_ms" as decimal(38, 0))), 0) end
  from "tracks" as "t2"
  where "t2"."album_id" = "t0"."id" and "t2"."explicit" = cast(@1 as bit)) asc, convert(char(36), "t0"."id") asc
  offset 0 rows
  fetch next 50001 rows only;
-- true
