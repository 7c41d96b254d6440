-- rows
select 1 as c0
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where ("t0"."external_id" = ? or "t0"."id" < ? or "t0"."plays" >= cast(? as integer) or "t0"."rating" > ? or "t0"."active" = ? or "t0"."founded" <= ? or "t0"."status" in (select cast("t1"."value" as text)
  from json_each(case when json_type(?, '$') = 'array' then json_extract(?, '$') else '[]' end) as "t1") or "t0"."tags" is null)
  order by "t0"."id" asc
  limit 50001;
-- "01901eef-0000-7000-8000-000000000001", 5, "9007199254740993", 1.5, 1, 1735707600000, "[\"open\",\"closed\"]", "[\"open\",\"closed\"]"
