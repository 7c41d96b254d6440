-- rows
select "t0"."members"::text as "c0"
  from "artists" as "t0"
  order by "t0"."id" asc
  limit 50001;
-- 

-- rows.members.related
select s.o as o, case when (("s"."value" ->> 'age')::integer > $1::integer and exists (select 1
  from "artists" as "t0"
  where "t0"."id" = ("s"."value" ->> 'artist_id')::integer and "t0"."name" <> ("s"."value" ->> 'name')::text)) then 1 else 0 end as "c0", to_char((select "t1"."founded"
  from "artists" as "t1"
  where "t1"."id" = ("s"."value" ->> 'artist_id')::integer
  limit 1) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "c1", to_char((select "t2"."founded"
  from "artists" as "t2"
  where "t2"."id" = ("s"."value" ->> 'artist_id')::integer
  limit 1) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "c2"
  from jsonb_to_recordset($2::jsonb) as s("o" integer, "value" jsonb);
-- 20, <source>
