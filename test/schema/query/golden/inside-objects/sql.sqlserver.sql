-- rows
select "t0"."address" as "c0"
  from "artists" as "t0"
  where (((select value
  from openjson("t0"."address") with (value nvarchar(max) '$."city"')) = @1 collate Latin1_General_100_BIN2 and datalength((select value
  from openjson("t0"."address") with (value nvarchar(max) '$."city"'))) = datalength(@2)) and cast(json_value("t0"."address", '$."geo"."lat"') as float) > cast(@3 as float) and convert(datetime2(3), json_value("t0"."address", '$."since"'), 127) < convert(datetime2(3), @4, 127) and exists (select 1
  from "artists" as "t1"
  where "t1"."id" = cast(json_value("t0"."address", '$."label_id"') as int)))
  order by cast(json_value("t0"."address", '$."visits"') as bigint) asc, "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- "a", "a", 1, "2025-01-01T00:00:00.000Z"

-- aggregates
select convert(varchar(40), max("b"."a0")) as "c0"
  from (select cast(json_value("t0"."address", '$."visits"') as bigint) as "a0"
  from "artists" as "t0"
  where (((select value
  from openjson("t0"."address") with (value nvarchar(max) '$."city"')) = @1 collate Latin1_General_100_BIN2 and datalength((select value
  from openjson("t0"."address") with (value nvarchar(max) '$."city"'))) = datalength(@2)) and cast(json_value("t0"."address", '$."geo"."lat"') as float) > cast(@3 as float) and convert(datetime2(3), json_value("t0"."address", '$."since"'), 127) < convert(datetime2(3), @4, 127) and exists (select 1
  from "artists" as "t1"
  where "t1"."id" = cast(json_value("t0"."address", '$."label_id"') as int)))) as b;
-- "a", "a", 1, "2025-01-01T00:00:00.000Z"

-- rows.city.rows.label.rows
select s.o as o, "t0"."name" as "c0"
  from (select "o", "k0"
  from openjson(@1) with ("o" int '$.o', "k0" int '$.k0') as j) as s cross join "artists" as "t0"
  where "t0"."id" = "s"."k0"
  order by s.o, "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- <source>
