-- rows
select 1 as c0
  from "albums" t0
  where ((select max(json_value(t1."address", '$."city"' returning varchar2(32767)) collate binary)
  from "artists" t1
  where t1."name" = t0."title" collate binary) > :1 collate binary and (select count(distinct json_serialize(case when json_value(t2."address", '$."geo".type()') <> 'null' then json_query(t2."address", '$."geo"' returning json) end returning varchar2(32767)) collate binary)
  from "artists" t2
  where t2."name" = t0."title" collate binary) < :2)
  order by t0."id" asc
  fetch next 50001 rows only;
-- "a", 3
