-- rows
select t0."id" as c0, t0."name" as c1, to_char(t0."plays") as c2, to_char(sys_extract_utc(t0."founded"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3') as c3, json_serialize(t0."address" returning clob) as c4
  from "artists" t0
  order by t0."id" asc
  offset :1 rows
  fetch next :2 rows only;
-- 5, 10
