-- rows
select 1 as c0
  from "artists" as "t0"
  where (exists (select 1
  from jsonb_array_elements(case when jsonb_typeof(("t0"."tags")) = 'array' then ("t0"."tags") else '[]'::jsonb end) as "t1"(value)
  where ("t1"."value" #>> '{}')::text = $1::text) or ("t0"."tags") = '[]'::jsonb or exists (select 1
  from jsonb_array_elements(case when jsonb_typeof(("t0"."address" -> 'aliases')) = 'array' then ("t0"."address" -> 'aliases') else '[]'::jsonb end) as "t2"(value)
  where ("t2"."value" #>> '{}')::text = "t0"."name") or exists (select 1
  from jsonb_array_elements(case when jsonb_typeof(("t0"."members")) = 'array' then ("t0"."members") else '[]'::jsonb end) as "t3"(value)
  where (("t3"."value" ->> 'age')::integer >= $2::integer and exists (select 1
  from jsonb_array_elements(case when jsonb_typeof(("t3"."value" -> 'roles')) = 'array' then ("t3"."value" -> 'roles') else '[]'::jsonb end) as "t4"(value)
  where ("t4"."value" #>> '{}')::text = $3::text))))
  order by "t0"."id" asc
  limit 50001;
-- "a", 20, "bass"
