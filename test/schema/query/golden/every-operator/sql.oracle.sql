-- rows
select 1 as c0
  from "artists" t0
  where (((t0."name" = :1 collate binary and t0."name" <> :2 collate binary and t0."name" collate binary in (select json_value(t1.value, '$' returning varchar2(32767))
  from json_table(case when json_value(json(:3), '$.type()') = 'array' then json(:4) end, '$[*]' columns (value json format json path '$')) t1) and (t0."name" is not null and json(:5) is not null and t0."name" collate binary not in (select json_value(t2.value, '$' returning varchar2(32767))
  from json_table(case when json_value(json(:6), '$.type()') = 'array' then json(:7) end, '$[*]' columns (value json format json path '$')) t2))) and (t0."name" < :8 collate binary and t0."name" <= :9 collate binary and t0."name" > :10 collate binary and t0."name" >= :11 collate binary and instr(t0."name" collate binary, :12) > 0)) and ((instr(lower(t0."name") collate binary, lower(:13)) > 0 and substr(t0."name", 1, length(:14)) = :15 collate binary and substr(lower(t0."name"), 1, length(:16)) = lower(:17) collate binary and substr(t0."name", -length(:18)) = :19 collate binary) and (substr(lower(t0."name"), -length(:20)) = lower(:21) collate binary and t0."name" collate binary like :22 escape '\' and lower(t0."name") collate binary like lower(:23) escape '\' and t0."name" collate binary not like :24 escape '\' and lower(t0."name") collate binary not like lower(:25) escape '\')))
  order by t0."id" asc
  fetch next 50001 rows only;
-- "a%", "a%", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "[\"a\",\"b\"]", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%", "a%"
