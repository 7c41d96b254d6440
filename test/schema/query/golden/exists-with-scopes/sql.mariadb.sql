-- rows
select 1 as c0
  from `artists` as `t0`
  where exists (select 1
  from `albums` as `t1`
  where `t1`.`artist_id` = `t0`.`id` and exists (select 1
  from `tracks` as `t2`
  where (`t2`.`title` = `t1`.`title` collate utf8mb4_nopad_bin and `t2`.`title` <> `t0`.`name` collate utf8mb4_nopad_bin)))
  order by `t0`.`id` asc
  limit 50001;
-- 
