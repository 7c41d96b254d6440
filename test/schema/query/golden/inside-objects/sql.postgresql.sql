-- rows
select "t0"."address"::text as "c0"
  from "artists" as "t0"
  where (("t0"."address" ->> 'city')::text = $1::text and ("t0"."address" -> 'geo' ->> 'lat')::double precision > $2::double precision and ("t0"."address" ->> 'since')::timestamptz < $3::timestamptz and exists (select 1
  from "artists" as "t1"
  where "t1"."id" = ("t0"."address" ->> 'label_id')::integer))
  order by ("t0"."address" ->> 'visits')::bigint asc nulls first, "t0"."id" asc
  limit 50001;
-- "a", 1, "2025-01-01T00:00:00.000Z"

-- aggregates
select max("b"."a0")::text as "c0"
  from (select ("t0"."address" ->> 'visits')::bigint as "a0"
  from "artists" as "t0"
  where (("t0"."address" ->> 'city')::text = $1::text and ("t0"."address" -> 'geo' ->> 'lat')::double precision > $2::double precision and ("t0"."address" ->> 'since')::timestamptz < $3::timestamptz and exists (select 1
  from "artists" as "t1"
  where "t1"."id" = ("t0"."address" ->> 'label_id')::integer))) as b;
-- "a", 1, "2025-01-01T00:00:00.000Z"

-- rows.city.rows.label.rows
select s.o as o, "t0"."name" as "c0"
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "k0" integer) cross join "artists" as "t0"
  where "t0"."id" = "s"."k0"
  order by s.o, "t0"."id" asc
  limit 50001;
-- <source>
