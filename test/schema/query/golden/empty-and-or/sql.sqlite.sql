-- rows
select 1 as c0
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where (1 = 1 or 1 = 0)
  order by "t0"."id" asc
  limit 50001;
-- 
