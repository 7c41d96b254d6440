-- rows
select `t0`.`id` as `c0`
  from `artists` as `t0`
  where (select cast(`t2`.`price` as double) * (1 - mod(0.5 * (count(*) over () - 1), 1)) + cast(coalesce(lead(`t2`.`price`) over (order by `t2`.`price`), `t2`.`price`) as double) * mod(0.5 * (count(*) over () - 1), 1)
  from `albums` as `t2`
  where `t2`.`artist_id` = `t0`.`id` and `t2`.`price` is not null
  order by abs(row_number() over (order by `t2`.`price`) - 1 - floor(0.5 * (count(*) over () - 1)))
  limit 1) > ?
  order by (select cast(`t1`.`year` as double) * (1 - mod(0.95 * (count(*) over () - 1), 1)) + cast(coalesce(lead(`t1`.`year`) over (order by `t1`.`year`), `t1`.`year`) as double) * mod(0.95 * (count(*) over () - 1), 1)
  from `albums` as `t1`
  where `t1`.`artist_id` = `t0`.`id` and `t1`.`year` is not null
  order by abs(row_number() over (order by `t1`.`year`) - 1 - floor(0.95 * (count(*) over () - 1)))
  limit 1) desc, `t0`.`id` asc
  limit 50001;
-- 2
