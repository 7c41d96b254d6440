-- rows
select 1 as c0
  from "artists" as "t0"
  where ((("t0"."name" = $1::text and "t0"."name" <> $2::text and "t0"."name" in (select ("t1"."value" #>> '{}')::text
  from jsonb_array_elements(case when jsonb_typeof(($3::jsonb)) = 'array' then ($4::jsonb) else '[]'::jsonb end) as "t1"(value)) and ("t0"."name" is not null and $5::jsonb is not null and "t0"."name" not in (select ("t2"."value" #>> '{}')::text
  from jsonb_array_elements(case when jsonb_typeof(($6::jsonb)) = 'array' then ($7::jsonb) else '[]'::jsonb end) as "t2"(value)))) and ("t0"."name" < $8::text collate "C" and "t0"."name" <= $9::text collate "C" and "t0"."name" > $10::text collate "C" and "t0"."name" >= $11::text collate "C" and position($12::text in "t0"."name") > 0)) and ((position(lower($13::text) in lower("t0"."name")) > 0 and starts_with("t0"."name", $14::text) and starts_with(lower("t0"."name"), lower($15::text)) and right("t0"."name", length($16::text)) = $17::text) and (right(lower("t0"."name"), length($18::text)) = lower($19::text) and "t0"."name" like $20::text and "t0"."name" ilike $21::text and "t0"."name" not like $22::text and "t0"."name" not ilike $23::text)))
  order by "t0"."id" asc
  limit 50001;
-- "a%", "a%", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%"
