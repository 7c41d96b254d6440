-- rows
select b.o, "b"."c0"
  from (select s.o as o, "t0"."title" as "c0", row_number() over (partition by s.o
  order by "t0"."released" desc nulls last, "t0"."id" asc) as rn
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "v0" integer, "v1" jsonb, "v2" text) cross join "albums" as "t0"
  where ("t0"."year" >= "s"."v0" and ("t0"."title" in (select ("t1"."value" #>> '{}')::text
  from jsonb_array_elements(case when jsonb_typeof(("s"."v1")) = 'array' then ("s"."v1") else '[]'::jsonb end) as "t1"(value)) or "t0"."title" like "s"."v2"))) as b
  where b.rn > $2 and b.rn <= $3
  order by b.o, b.rn
  limit 50001;
-- <source>, 1, 4
