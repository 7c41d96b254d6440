-- rows
select `t0`.`id` as `c0`
  from `albums` as `t0`
  order by (select `t1`.`name`
  from `artists` as `t1`
  where `t1`.`id` = `t0`.`artist_id`
  limit 1) collate utf8mb4_nopad_bin desc, (select least(greatest(coalesce(sum(`t2`.`length_ms`), 0), -9223372036854775808), 9223372036854775807)
  from `tracks` as `t2`
  where `t2`.`album_id` = `t0`.`id` collate utf8mb4_nopad_bin and `t2`.`explicit` = ?) asc, `t0`.`id` collate utf8mb4_nopad_bin asc
  limit 50001;
-- true
