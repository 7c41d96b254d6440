-- rows
select t0."name" as c0, t0."id" as c1
  from "artists" t0
  order by (select t1."albums"
  from (select "artist_id", count(*) as "albums"
  from "albums"
  where "artist_id" is not null
  group by "artist_id") t1
  where t1."artist_id" = t0."id"
  order by null
  fetch next 1 rows only) desc nulls last, t0."id" asc
  fetch next 50001 rows only;
-- 

-- rows.totals.rows
select s.o as o, t0."albums" as c0
  from (select o, k0
  from json_table(:1, '$[*]' columns (o number path '$.o', k0 number path '$.k0')) j) s cross join (select "artist_id", count(*) as "albums"
  from "albums"
  where "artist_id" is not null
  group by "artist_id") t0
  where t0."artist_id" = s.k0
  order by s.o, t0."artist_id" asc
  fetch next 50001 rows only;
-- <source>
