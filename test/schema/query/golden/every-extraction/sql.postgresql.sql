-- groups
select "g"."d0" as "c0", "g"."d1" as "c1", "g"."d2" as "c2", "g"."d3" as "c3", "g"."d4" as "c4", "g"."d5" as "c5", "g"."d6" as "c6", "g"."d7" as "c7", "g"."d8" as "c8", "g"."d9" as "c9", "g"."d10" as "c10", to_char("g"."d11" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "c11", to_char("g"."d12" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "c12"
  from (select "b"."d0" as "d0", "b"."d1" as "d1", "b"."d2" as "d2", "b"."d3" as "d3", "b"."d4" as "d4", "b"."d5" as "d5", "b"."d6" as "d6", "b"."d7" as "d7", "b"."d8" as "d8", "b"."d9" as "d9", "b"."d10" as "d10", "b"."d11" as "d11", "b"."d12" as "d12"
  from (select (extract(milliseconds
  from "t0"."played_at" at time zone 'UTC')::integer % 1000) as "d0", floor(extract(second
  from "t0"."played_at" at time zone 'UTC'))::integer as "d1", extract(minute
  from "t0"."played_at" at time zone 'UTC')::integer as "d2", extract(hour
  from "t0"."played_at" at time zone 'UTC')::integer as "d3", extract(day
  from "t0"."played_at" at time zone 'UTC')::integer as "d4", extract(week
  from "t0"."played_at" at time zone 'UTC')::integer as "d5", extract(month
  from "t0"."played_at" at time zone 'UTC')::integer as "d6", extract(quarter
  from "t0"."played_at" at time zone 'UTC')::integer as "d7", extract(year
  from "t0"."played_at" at time zone 'UTC')::integer as "d8", extract(dow
  from "t0"."played_at" at time zone 'UTC')::integer as "d9", extract(doy
  from "t0"."played_at" at time zone 'UTC')::integer as "d10", date_trunc('hour', "t0"."played_at", 'UTC') as "d11", date_trunc('day', "t0"."played_at", 'UTC') as "d12"
  from "tracks" as "t0") as b
  group by "b"."d0", "b"."d1", "b"."d2", "b"."d3", "b"."d4", "b"."d5", "b"."d6", "b"."d7", "b"."d8", "b"."d9", "b"."d10", "b"."d11", "b"."d12") as g
  order by "g"."d0" asc nulls first, "g"."d1" asc nulls first, "g"."d2" asc nulls first, "g"."d3" asc nulls first, "g"."d4" asc nulls first, "g"."d5" asc nulls first, "g"."d6" asc nulls first, "g"."d7" asc nulls first, "g"."d8" asc nulls first, "g"."d9" asc nulls first, "g"."d10" asc nulls first, "g"."d11" asc nulls first, "g"."d12" asc nulls first
  limit 50001;
-- 
