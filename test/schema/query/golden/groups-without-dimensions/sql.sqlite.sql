-- groups
select "g"."g0" as "x0"
  from (select count(*) as "g0"
  from (select 1 as c0
  from (select *
  from "tracks"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0") as b
  having count(*) > 0) as g
  limit 50001;
-- 
