-- rows
select b.o, "b"."c0"
  from (select s.o as o, "t0"."title" as "c0", row_number() over (partition by s.o
  order by "t0"."released" desc, "t0"."id" asc) as rn
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.v0') as integer) as "v0", json_extract(value, '$.v1') as "v1", cast(json_extract(value, '$.v2') as text) as "v2"
  from json_each(?)) as s cross join (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where ("t0"."year" >= "s"."v0" and ("t0"."title" in (select cast("t1"."value" as text)
  from json_each(case when json_type("s"."v1", '$') = 'array' then json_extract("s"."v1", '$') else '[]' end) as "t1") or "t0"."title" glob "s"."v2"))) as b
  where b.rn > ? and b.rn <= ?
  order by b.o, b.rn
  limit 50001;
-- <source>, 1, 4
