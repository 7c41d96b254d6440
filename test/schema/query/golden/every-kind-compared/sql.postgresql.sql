-- rows
select 1 as c0
  from "artists" as "t0"
  where ("t0"."external_id" = $1::uuid or "t0"."id" < $2::integer or "t0"."plays" >= $3::bigint or "t0"."rating" > $4::double precision or "t0"."active" = $5::boolean or "t0"."founded" <= $6::timestamptz or "t0"."status" in (select ("t1"."value" #>> '{}')::text
  from jsonb_array_elements(case when jsonb_typeof(($7::jsonb)) = 'array' then ($8::jsonb) else '[]'::jsonb end) as "t1"(value)) or "t0"."tags" is null)
  order by "t0"."id" asc
  limit 50001;
-- "01901eef-0000-7000-8000-000000000001", 5, "9007199254740993", 1.5, true, "2025-01-01T05:00:00.000Z", "[\"open\",\"closed\"]", "[\"open\",\"closed\"]"
