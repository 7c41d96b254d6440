-- rows
select "t0"."id" as "c0"
  from "artists" as "t0"
  order by "t0"."id" asc
  limit $1 offset $2;
-- 0, 3
