-- rows
select 1 as c0
  from "artists" as "t0"
  where ("t0"."external_id" = cast(@1 as uniqueidentifier) or "t0"."id" < cast(@2 as int) or "t0"."plays" >= cast(@3 as bigint) or "t0"."rating" > cast(@4 as float) or "t0"."active" = cast(@5 as bit) or "t0"."founded" <= convert(datetime2(3), @6, 127) or exists (select 1
  from openjson(case when left(@7, 1) = '[' then @8 end) as "t1"
  where ("t1"."value" = "t0"."status" collate Latin1_General_100_BIN2 and datalength("t1"."value") = datalength("t0"."status"))) or "t0"."tags" is null)
  order by "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- "01901eef-0000-7000-8000-000000000001", 5, "9007199254740993", 1.5, true, "2025-01-01T05:00:00.000Z", "[\"open\",\"closed\"]", "[\"open\",\"closed\"]"
