-- rows
select 1 as c0
  from "artists" as "t0"
  where (select count(*)
  from "albums" as "t1"
  where "t1"."artist_id" = "t0"."id" and "t1"."year" > cast(@1 as int)) >= cast(@2 as int)
  order by "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 1992, 2
