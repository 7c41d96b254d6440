-- rows
select 1 as c0
  from "albums" as "t0"
  where (cast(((select cast(replace(max(cast(("t2".a + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max))), char(0), '') as nvarchar(max)) collate Latin1_General_100_BIN2
  from (select (select value
  from openjson("t1"."address") with (value nvarchar(max) '$."city"')) as a
  from "artists" as "t1"
  where ("t1"."name" = "t0"."title" collate Latin1_General_100_BIN2 and datalength("t1"."name") = datalength("t0"."title"))) as "t2") + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) > cast((@1 + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)) and (select count(distinct cast(("t4".a + nchar(0)) collate Latin1_General_100_BIN2_UTF8 as varchar(max)))
  from (select json_query("t3"."address", '$."geo"') as a
  from "artists" as "t3"
  where ("t3"."name" = "t0"."title" collate Latin1_General_100_BIN2 and datalength("t3"."name") = datalength("t0"."title"))) as "t4") < cast(@2 as int))
  order by convert(char(36), "t0"."id") asc
  offset 0 rows
  fetch next 50001 rows only;
-- "a", 3
