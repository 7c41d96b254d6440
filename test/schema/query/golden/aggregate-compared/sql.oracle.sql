-- rows
select 1 as c0
  from "artists" t0
  where (select count(*)
  from "albums" t1
  where t1."artist_id" = t0."id" and t1."year" > :1) >= :2
  order by t0."id" asc
  fetch next 50001 rows only;
-- 1992, 2
