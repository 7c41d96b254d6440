-- rows
select 1 as c0
  from `albums` as `t0`
  where ((select max(json_value(`t1`.`address`, '$."city"') collate utf8mb4_nopad_bin)
  from `artists` as `t1`
  where `t1`.`name` = `t0`.`title` collate utf8mb4_nopad_bin) > ? collate utf8mb4_nopad_bin collate utf8mb4_nopad_bin and (select count(distinct json_query(`t2`.`address`, '$."geo"'))
  from `artists` as `t2`
  where `t2`.`name` = `t0`.`title` collate utf8mb4_nopad_bin) < ?)
  order by `t0`.`id` collate utf8mb4_nopad_bin asc
  limit 50001;
-- "a", 3
