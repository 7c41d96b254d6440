-- rows
select 1 as c0
  from "artists" as "t0"
  where exists (select 1
  from "albums" as "t1"
  where "t1"."artist_id" = "t0"."id" and exists (select 1
  from "tracks" as "t2"
  where (("t2"."title" = "t1"."title" collate Latin1_General_100_BIN2 and datalength("t2"."title") = datalength("t1"."title")) and ("t2"."title" <> "t0"."name" collate Latin1_General_100_BIN2 or datalength("t2"."title") <> datalength("t0"."name")))))
  order by "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 
