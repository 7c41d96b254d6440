-- rows
select 1 as c0
  from "tracks" as "t0"
  where exists (select 1
  from "albums" as "t1", "artists" as "t2"
  where "t1"."id" = "t0"."album_id" and "t2"."id" = "t1"."artist_id" and ("t0"."title" = "t2"."name" collate Latin1_General_100_BIN2 and datalength("t0"."title") = datalength("t2"."name")))
  order by convert(char(36), "t0"."album_id") asc, "t0"."position" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 
