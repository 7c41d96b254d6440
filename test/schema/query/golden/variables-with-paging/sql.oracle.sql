-- rows
select b.o, b.c0
  from (select s.o as o, t0."title" as c0, row_number() over (partition by s.o
  order by t0."released" desc nulls last, t0."id" asc) as rn
  from (select o, v0, case when json_value(v1, '$.type()') <> 'null' then v1 end as v1, v2
  from json_table(:1, '$[*]' columns (o number path '$.o', v0 number path '$.v0', v1 json format json path '$.v1', v2 varchar2(32767) path '$.v2')) j) s cross join "albums" t0
  where (t0."year" >= s.v0 and (t0."title" collate binary in (select json_value(t1.value, '$' returning varchar2(32767))
  from json_table(case when json_value(s.v1, '$.type()') = 'array' then s.v1 end, '$[*]' columns (value json format json path '$')) t1) or t0."title" collate binary like s.v2 escape '\'))) b
  where b.rn > :2 and b.rn <= :3
  order by b.o, b.rn
  fetch next 50001 rows only;
-- <source>, 1, 4
