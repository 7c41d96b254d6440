-- rows
select 1 as c0
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where not (((("t0"."country" = ?) is true) or (("t0"."rating" > ?) is true)))
  order by "t0"."id" asc
  limit 50001;
-- "de", 2
