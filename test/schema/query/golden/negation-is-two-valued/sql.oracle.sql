-- rows
select 1 as c0
  from "artists" t0
  where not (((case when t0."country" = :1 collate binary then 1 else 0 end = 1) or (case when t0."rating" > to_binary_double(:2) then 1 else 0 end = 1)))
  order by t0."id" asc
  fetch next 50001 rows only;
-- "de", 2
