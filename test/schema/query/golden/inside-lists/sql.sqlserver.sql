-- rows
select 1 as c0
  from "artists" as "t0"
  where (exists (select 1
  from openjson(case when left("t0"."tags", 1) = '[' then "t0"."tags" end) as "t1"
  where ("t1"."value" = @1 collate Latin1_General_100_BIN2 and datalength("t1"."value") = datalength(@2))) or (left("t0"."tags", 1) = '[' and not exists (select 1
  from openjson("t0"."tags"))) or exists (select 1
  from openjson(case when left(json_query("t0"."address", '$."aliases"'), 1) = '[' then json_query("t0"."address", '$."aliases"') end) as "t2"
  where ("t2"."value" = "t0"."name" collate Latin1_General_100_BIN2 and datalength("t2"."value") = datalength("t0"."name"))) or exists (select 1
  from openjson(case when left("t0"."members", 1) = '[' then "t0"."members" end) as "t3"
  where (cast(json_value("t3"."value", '$."age"') as int) >= cast(@3 as int) and exists (select 1
  from openjson(case when left(json_query("t3"."value", '$."roles"'), 1) = '[' then json_query("t3"."value", '$."roles"') end) as "t4"
  where ("t4"."value" = @4 collate Latin1_General_100_BIN2 and datalength("t4"."value") = datalength(@5))))))
  order by "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- "a", "a", 20, "bass", "bass"
