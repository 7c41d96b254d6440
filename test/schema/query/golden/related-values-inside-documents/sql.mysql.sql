-- rows
select 1 as c0
  from `albums` as `t0`
  where ((select max(case when json_type(json_extract(`t1`.`address`, '$."city"')) = 'NULL' then null else json_unquote(json_extract(`t1`.`address`, '$."city"')) end collate utf8mb4_0900_bin)
  from `artists` as `t1`
  where `t1`.`name` = `t0`.`title` collate utf8mb4_0900_bin) > ? collate utf8mb4_0900_bin collate utf8mb4_0900_bin and (select count(distinct case when json_type(json_extract(`t2`.`address`, '$."geo"')) = 'NULL' then null else json_extract(`t2`.`address`, '$."geo"') end)
  from `artists` as `t2`
  where `t2`.`name` = `t0`.`title` collate utf8mb4_0900_bin) < ?)
  order by `t0`.`id` collate utf8mb4_0900_bin asc
  limit 50001;
-- "a", 3
