-- rows
select 1 as c0
  from `tracks` as `t0`
  where exists (select 1
  from `albums` as `t1`, `artists` as `t2`
  where `t1`.`id` = `t0`.`album_id` collate utf8mb4_0900_bin and `t2`.`id` = `t1`.`artist_id` and `t0`.`title` = `t2`.`name` collate utf8mb4_0900_bin)
  order by `t0`.`album_id` collate utf8mb4_0900_bin asc, `t0`.`position` asc
  limit 50001;
-- 
