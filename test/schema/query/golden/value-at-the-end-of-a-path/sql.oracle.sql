-- rows
select 1 as c0
  from "tracks" t0
  where exists (select 1
  from "albums" t1, "artists" t2
  where t1."id" = t0."album_id" and t2."id" = t1."artist_id" and t0."title" = t2."name" collate binary)
  order by t0."album_id" asc, t0."position" asc
  fetch next 50001 rows only;
-- 
