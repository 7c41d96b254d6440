-- rows
select s.o as o, "t0"."title" as "c0"
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.v0') as integer) as "v0", json_extract(value, '$.v1') as "v1", cast(json_extract(value, '$.v2') as text) as "v2"
  from json_each(?)) as s cross join (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where ("t0"."year" >= "s"."v0" and ("t0"."title" in (select cast("t1"."value" as text)
  from json_each(case when json_type("s"."v1", '$') = 'array' then json_extract("s"."v1", '$') else '[]' end) as "t1") or "t0"."title" glob "s"."v2"))
  order by "t0"."released" desc, "t0"."id" asc
  limit ? offset ?;
-- <source>, 3, 1

-- groups
select g.o as o, "g"."d0" as "c0"
  from (select "b"."o" as "o", "b"."d0" as "d0"
  from (select s.o as o, "t0"."year" as "d0"
  from (select cast(json_extract(value, '$.o') as integer) as "o", cast(json_extract(value, '$.v0') as integer) as "v0", json_extract(value, '$.v1') as "v1", cast(json_extract(value, '$.v2') as text) as "v2"
  from json_each(?)) as s cross join (select *
  from "albums"
  where (rowid & 63) or sentinel_in_time(rowid)) as "t0"
  where ("t0"."year" >= "s"."v0" and ("t0"."title" in (select cast("t1"."value" as text)
  from json_each(case when json_type("s"."v1", '$') = 'array' then json_extract("s"."v1", '$') else '[]' end) as "t1") or "t0"."title" glob "s"."v2"))
  order by "t0"."released" desc, "t0"."id" asc
  limit ? offset ?) as b
  group by "b"."o", "b"."d0") as g
  order by "g"."d0" asc
  limit ?;
-- <source>, 3, 1, 2
