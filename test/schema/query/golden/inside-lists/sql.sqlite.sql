-- rows
select 1 as c0
  from (select *
  from "artists"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where (exists (select 1
  from json_each(case when json_type("t0"."tags", '$') = 'array' then json_extract("t0"."tags", '$') else '[]' end) as "t1"
  where cast("t1"."value" as text) = ?) or (json_type("t0"."tags", '$') = 'array' and json_array_length("t0"."tags", '$') = 0) or exists (select 1
  from json_each(case when json_type("t0"."address", '$."aliases"') = 'array' then json_extract("t0"."address", '$."aliases"') else '[]' end) as "t2"
  where cast("t2"."value" as text) = "t0"."name") or exists (select 1
  from json_each(case when json_type("t0"."members", '$') = 'array' then json_extract("t0"."members", '$') else '[]' end) as "t3"
  where (cast(json_extract("t3"."value", '$."age"') as integer) >= ? and exists (select 1
  from json_each(case when json_type("t3"."value", '$."roles"') = 'array' then json_extract("t3"."value", '$."roles"') else '[]' end) as "t4"
  where cast("t4"."value" as text) = ?))))
  order by "t0"."id" asc
  limit 50001;
-- "a", 20, "bass"
