-- rows
select 1 as c0
  from "artists" t0
  where (t0."external_id" = hextoraw(replace(:1, '-', '')) or t0."id" < :2 or t0."plays" >= to_number(:3) or t0."rating" > to_binary_double(:4) or t0."active" = to_boolean(:5) or t0."founded" <= from_tz(to_timestamp(:6, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'), 'UTC') or t0."status" collate binary in (select json_value(t1.value, '$' returning varchar2(32767))
  from json_table(case when json_value(json(:7), '$.type()') = 'array' then json(:8) end, '$[*]' columns (value json format json path '$')) t1) or t0."tags" is null)
  order by t0."id" asc
  fetch next 50001 rows only;
-- "01901eef-0000-7000-8000-000000000001", 5, "9007199254740993", 1.5, 1, "2025-01-01T05:00:00.000Z", "[\"open\",\"closed\"]", "[\"open\",\"closed\"]"
