-- rows
select s.o as o, "t0"."title" as "c0"
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "v0" integer, "v1" jsonb, "v2" text) cross join "albums" as "t0"
  where ("t0"."year" >= "s"."v0" and ("t0"."title" in (select ("t1"."value" #>> '{}')::text
  from jsonb_array_elements(case when jsonb_typeof(("s"."v1")) = 'array' then ("s"."v1") else '[]'::jsonb end) as "t1"(value)) or "t0"."title" like "s"."v2"))
  order by "t0"."released" desc nulls last, "t0"."id" asc
  limit $2 offset $3;
-- <source>, 3, 1

-- groups
select g.o as o, "g"."d0" as "c0"
  from (select "b"."o" as "o", "b"."d0" as "d0"
  from (select s.o as o, "t0"."year" as "d0"
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "v0" integer, "v1" jsonb, "v2" text) cross join "albums" as "t0"
  where ("t0"."year" >= "s"."v0" and ("t0"."title" in (select ("t1"."value" #>> '{}')::text
  from jsonb_array_elements(case when jsonb_typeof(("s"."v1")) = 'array' then ("s"."v1") else '[]'::jsonb end) as "t1"(value)) or "t0"."title" like "s"."v2"))
  order by "t0"."released" desc nulls last, "t0"."id" asc
  limit $2 offset $3) as b
  group by "b"."o", "b"."d0") as g
  order by "g"."d0" asc nulls first
  limit $4;
-- <source>, 3, 1, 2
