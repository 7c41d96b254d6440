-- rows
select json_serialize(t0."members" returning clob) as c0
  from "artists" t0
  order by t0."id" asc
  fetch next 50001 rows only;
-- 

-- rows.members.related
select s.o as o, case when (json_value(s.value, '$."age"' returning number) > :1 and exists (select 1
  from "artists" t0
  where t0."id" = json_value(s.value, '$."artist_id"' returning number) and t0."name" <> json_value(s.value, '$."name"' returning varchar2(32767)) collate binary)) then 1 else 0 end as c0, to_char(sys_extract_utc((select t1."founded"
  from "artists" t1
  where t1."id" = json_value(s.value, '$."artist_id"' returning number)
  order by null
  fetch next 1 rows only)), 'YYYY-MM-DD"T"HH24:MI:SS.FF3') as c1, to_char(sys_extract_utc((select t2."founded"
  from "artists" t2
  where t2."id" = json_value(s.value, '$."artist_id"' returning number)
  order by null
  fetch next 1 rows only)), 'YYYY-MM-DD"T"HH24:MI:SS.FF3') as c2
  from (select o, case when json_value(value, '$.type()') <> 'null' then value end as value
  from json_table(:2, '$[*]' columns (o number path '$.o', value json format json path '$.value')) j) s;
-- 20, <source>
