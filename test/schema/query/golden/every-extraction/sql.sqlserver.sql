-- groups
select "g"."d0" as "c0", "g"."d1" as "c1", "g"."d2" as "c2", "g"."d3" as "c3", "g"."d4" as "c4", "g"."d5" as "c5", "g"."d6" as "c6", "g"."d7" as "c7", "g"."d8" as "c8", "g"."d9" as "c9", "g"."d10" as "c10", replace(convert(varchar(23), "g"."d11", 121), ' ', 'T') as "c11", replace(convert(varchar(23), "g"."d12", 121), ' ', 'T') as "c12"
  from (select "b"."d0" as "d0", "b"."d1" as "d1", "b"."d2" as "d2", "b"."d3" as "d3", "b"."d4" as "d4", "b"."d5" as "d5", "b"."d6" as "d6", "b"."d7" as "d7", "b"."d8" as "d8", "b"."d9" as "d9", "b"."d10" as "d10", "b"."d11" as "d11", "b"."d12" as "d12"
  from (select datepart(millisecond, "t0"."played_at") as "d0", datepart(second, "t0"."played_at") as "d1", datepart(minute, "t0"."played_at") as "d2", datepart(hour, "t0"."played_at") as "d3", datepart(day, "t0"."played_at") as "d4", datepart(iso_week, "t0"."played_at") as "d5", datepart(month, "t0"."played_at") as "d6", datepart(quarter, "t0"."played_at") as "d7", datepart(year, "t0"."played_at") as "d8", ((datepart(weekday, "t0"."played_at") + @@datefirst - 1) % 7) as "d9", datepart(dayofyear, "t0"."played_at") as "d10", dateadd(hour, datediff(hour, cast('1970-01-01' as datetime2(3)), "t0"."played_at"), cast('1970-01-01' as datetime2(3))) as "d11", dateadd(day, datediff(day, cast('1970-01-01' as datetime2(3)), "t0"."played_at"), cast('1970-01-01' as datetime2(3))) as "d12"
  from "tracks" as "t0") as b
  group by "b"."d0", "b"."d1", "b"."d2", "b"."d3", "b"."d4", "b"."d5", "b"."d6", "b"."d7", "b"."d8", "b"."d9", "b"."d10", "b"."d11", "b"."d12") as g
  order by "g"."d0" asc, "g"."d1" asc, "g"."d2" asc, "g"."d3" asc, "g"."d4" asc, "g"."d5" asc, "g"."d6" asc, "g"."d7" asc, "g"."d8" asc, "g"."d9" asc, "g"."d10" asc, "g"."d11" asc, "g"."d12" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 
