-- rows
select 1 as c0
  from "artists" as "t0"
  where not (((("t0"."country" = $1::text) is true) or (("t0"."rating" > $2::double precision) is true)))
  order by "t0"."id" asc
  limit 50001;
-- "de", 2
