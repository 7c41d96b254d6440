-- rows
select t0."id" as c0
  from "artists" t0
  order by t0."id" asc
  offset :1 rows
  fetch next :2 rows only;
-- 3, 0
