-- rows
select 1 as c0
  from "artists" as "t0"
  where not (((case when ("t0"."country" = @1 collate Latin1_General_100_BIN2 and datalength("t0"."country") = datalength(@2)) then 1 else 0 end = 1) or (case when "t0"."rating" > cast(@3 as float) then 1 else 0 end = 1)))
  order by "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- "de", "de", 2
