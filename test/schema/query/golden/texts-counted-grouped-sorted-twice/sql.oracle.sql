-- rows
select t0."title" as c0
  from "albums" t0
  order by t0."title" collate binary desc, t0."id" asc
  fetch next 50001 rows only;
-- 

-- aggregates
select count(distinct b.a0 collate binary) as c0, count(distinct json_serialize(b.a1 returning varchar2(32767)) collate binary) as c1, min(b.a0 collate binary) as c2
  from (select t0."title" as a0, t0."meta" as a1
  from "albums" t0) b;
-- 

-- groups
select g.d0 as c0, g.g0 as x0
  from (select b.d0 as d0, count(*) as g0
  from (select t0."title" collate binary as d0
  from "albums" t0) b
  group by b.d0) g
  order by g.d0 collate binary desc nulls last
  fetch next 50001 rows only;
-- 
