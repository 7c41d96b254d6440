-- rows
select `t0`.`id` as `c0`
  from `artists` as `t0`
  order by `t0`.`id` asc
  limit ? offset ?;
-- 0, 3
