-- rows
select 1 as c0
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where ((("t0"."name" = ? and "t0"."name" <> ? and "t0"."name" in (select cast("t1"."value" as text)
  from json_each(case when json_type(?, '$') = 'array' then json_extract(?, '$') else '[]' end) as "t1") and ("t0"."name" is not null and ? is not null and "t0"."name" not in (select cast("t2"."value" as text)
  from json_each(case when json_type(?, '$') = 'array' then json_extract(?, '$') else '[]' end) as "t2"))) and ("t0"."name" < ? and "t0"."name" <= ? and "t0"."name" > ? and "t0"."name" >= ? and instr("t0"."name", ?) > 0)) and ((instr(lower("t0"."name"), lower(?)) > 0 and substr("t0"."name", 1, length(?)) = ? and substr(lower("t0"."name"), 1, length(?)) = lower(?) and (length("t0"."name") >= length(?) and substr("t0"."name", length("t0"."name") - length(?) + 1) = ?)) and ((length(lower("t0"."name")) >= length(lower(?)) and substr(lower("t0"."name"), length(lower("t0"."name")) - length(lower(?)) + 1) = lower(?)) and "t0"."name" glob ? and "t0"."name" like ? escape '\' and "t0"."name" not glob ? and "t0"."name" not like ? escape '\')))
  order by "t0"."id" asc
  limit 50001;
-- "a%", "a%", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a*", "a%", "a*", "a%"
