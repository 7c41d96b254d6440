-- rows
select `t0`.`id` as `c0`, `t0`.`name` as `c1`, cast(`t0`.`plays` as char) as `c2`, date_format(`t0`.`founded`, '%Y-%m-%dT%H:%i:%s.%f') as `c3`, cast(`t0`.`address` as char) as `c4`
  from `artists` as `t0`
  order by `t0`.`id` asc
  limit ? offset ?;
-- 10, 5
