-- rows
select 1 as c0
  from `artists` as `t0`
  where not ((((`t0`.`country` = ? collate utf8mb4_0900_bin collate utf8mb4_0900_bin) is true) or ((`t0`.`rating` > ?) is true)))
  order by `t0`.`id` asc
  limit 50001;
-- "de", 2
