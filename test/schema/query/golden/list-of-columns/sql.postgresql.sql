-- rows
select "t0"."id" as "c0", "t0"."name" as "c1", "t0"."plays"::text as "c2", to_char("t0"."founded" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "c3", "t0"."address"::text as "c4"
  from "artists" as "t0"
  order by "t0"."id" asc
  limit $1 offset $2;
-- 10, 5
