-- rows
select 1 as c0
  from "artists" t0
  where exists (select 1
  from "albums" t1
  where t1."artist_id" = t0."id" and exists (select 1
  from "tracks" t2
  where (t2."title" = t1."title" collate binary and t2."title" <> t0."name" collate binary)))
  order by t0."id" asc
  fetch next 50001 rows only;
-- 
