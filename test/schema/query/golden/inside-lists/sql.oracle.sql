-- rows
select 1 as c0
  from "artists" t0
  where (exists (select 1
  from json_table(case when json_value(t0."tags", '$.type()') = 'array' then t0."tags" end, '$[*]' columns (value json format json path '$')) t1
  where json_value(t1.value, '$' returning varchar2(32767)) = :1 collate binary) or (json_value(t0."tags", '$.type()') = 'array' and json_value(t0."tags", '$.size()' returning number) = 0) or exists (select 1
  from json_table(case when json_value(t0."address", '$."aliases".type()') = 'array' then t0."address" end, '$."aliases"[*]' columns (value json format json path '$')) t2
  where json_value(t2.value, '$' returning varchar2(32767)) = t0."name" collate binary) or exists (select 1
  from json_table(case when json_value(t0."members", '$.type()') = 'array' then t0."members" end, '$[*]' columns (value json format json path '$')) t3
  where (json_value(t3.value, '$."age"' returning number) >= :2 and exists (select 1
  from json_table(case when json_value(t3.value, '$."roles".type()') = 'array' then t3.value end, '$."roles"[*]' columns (value json format json path '$')) t4
  where json_value(t4.value, '$' returning varchar2(32767)) = :3 collate binary))))
  order by t0."id" asc
  fetch next 50001 rows only;
-- "a", 20, "bass"
