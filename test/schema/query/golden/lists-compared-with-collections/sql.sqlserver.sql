-- rows
select "t0"."members" as "c0"
  from "artists" as "t0"
  order by "t0"."id" asc
  offset 0 rows
  fetch next 50001 rows only;
-- 

-- rows.members.related
select s.o as o, case when (cast(json_value("s"."value", '$."age"') as int) > cast(@1 as int) and exists (select 1
  from "artists" as "t0"
  where "t0"."id" = cast(json_value("s"."value", '$."artist_id"') as int) and ("t0"."name" <> (select value
  from openjson("s"."value") with (value nvarchar(max) '$."name"')) collate Latin1_General_100_BIN2 or datalength("t0"."name") <> datalength((select value
  from openjson("s"."value") with (value nvarchar(max) '$."name"')))))) then 1 else 0 end as "c0", replace(convert(varchar(23), (select "t1"."founded"
  from "artists" as "t1"
  where "t1"."id" = cast(json_value("s"."value", '$."artist_id"') as int)
  order by (select null)
  offset 0 rows
  fetch next 1 rows only), 121), ' ', 'T') as "c1", replace(convert(varchar(23), (select "t2"."founded"
  from "artists" as "t2"
  where "t2"."id" = cast(json_value("s"."value", '$."artist_id"') as int)
  order by (select null)
  offset 0 rows
  fetch next 1 rows only), 121), ' ', 'T') as "c2"
  from (select "o", "value"
  from openjson(@2) with ("o" int '$.o', "value" nvarchar(max) '$.value' as json) as j) as s;
-- 20, <source>
