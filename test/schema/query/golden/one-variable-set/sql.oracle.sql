-- rows
select s.o as o, t0."title" as c0
  from (select o, v0, case when json_value(v1, '$.type()') <> 'null' then v1 end as v1, v2
  from json_table(:1, '$[*]' columns (o number path '$.o', v0 number path '$.v0', v1 json format json path '$.v1', v2 varchar2(32767) path '$.v2')) j) s cross join "albums" t0
  where (t0."year" >= s.v0 and (t0."title" collate binary in (select json_value(t1.value, '$' returning varchar2(32767))
  from json_table(case when json_value(s.v1, '$.type()') = 'array' then s.v1 end, '$[*]' columns (value json format json path '$')) t1) or t0."title" collate binary like s.v2 escape '\'))
  order by t0."released" desc nulls last, t0."id" asc
  offset :2 rows
  fetch next :3 rows only;
-- <source>, 1, 3

-- groups
select g.o as o, g.d0 as c0
  from (select b.o as o, b.d0 as d0
  from (select s.o as o, t0."year" as d0
  from (select o, v0, case when json_value(v1, '$.type()') <> 'null' then v1 end as v1, v2
  from json_table(:1, '$[*]' columns (o number path '$.o', v0 number path '$.v0', v1 json format json path '$.v1', v2 varchar2(32767) path '$.v2')) j) s cross join "albums" t0
  where (t0."year" >= s.v0 and (t0."title" collate binary in (select json_value(t1.value, '$' returning varchar2(32767))
  from json_table(case when json_value(s.v1, '$.type()') = 'array' then s.v1 end, '$[*]' columns (value json format json path '$')) t1) or t0."title" collate binary like s.v2 escape '\'))
  order by t0."released" desc nulls last, t0."id" asc
  offset :2 rows
  fetch next :3 rows only) b
  group by b.o, b.d0) g
  order by g.d0 asc nulls first
  fetch next :4 rows only;
-- <source>, 1, 3, 2
