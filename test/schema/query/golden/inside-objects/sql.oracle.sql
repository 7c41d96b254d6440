-- rows
select json_serialize(t0."address" returning clob) as c0
  from "artists" t0
  where (json_value(t0."address", '$."city"' returning varchar2(32767)) = :1 collate binary and to_binary_double(json_value(t0."address", '$."geo"."lat"' returning number)) > to_binary_double(:2) and from_tz(to_timestamp(json_value(t0."address", '$."since"' returning varchar2(24)), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'), 'UTC') < from_tz(to_timestamp(:3, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'), 'UTC') and exists (select 1
  from "artists" t1
  where t1."id" = json_value(t0."address", '$."label_id"' returning number)))
  order by to_number(json_value(t0."address", '$."visits"' returning varchar2(20))) asc nulls first, t0."id" asc
  fetch next 50001 rows only;
-- "a", 1, "2025-01-01T00:00:00.000Z"

-- aggregates
select to_char(max(b.a0)) as c0
  from (select to_number(json_value(t0."address", '$."visits"' returning varchar2(20))) as a0
  from "artists" t0
  where (json_value(t0."address", '$."city"' returning varchar2(32767)) = :1 collate binary and to_binary_double(json_value(t0."address", '$."geo"."lat"' returning number)) > to_binary_double(:2) and from_tz(to_timestamp(json_value(t0."address", '$."since"' returning varchar2(24)), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'), 'UTC') < from_tz(to_timestamp(:3, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'), 'UTC') and exists (select 1
  from "artists" t1
  where t1."id" = json_value(t0."address", '$."label_id"' returning number)))) b;
-- "a", 1, "2025-01-01T00:00:00.000Z"

-- rows.city.rows.label.rows
select s.o as o, t0."name" as c0
  from (select o, k0
  from json_table(:1, '$[*]' columns (o number path '$.o', k0 number path '$.k0')) j) s cross join "artists" t0
  where t0."id" = s.k0
  order by s.o, t0."id" asc
  fetch next 50001 rows only;
-- <source>
