-- rows
select 1 as c0
  from `artists` as `t0`
  where (exists (select 1
  from json_table(case when json_type(json_extract(`t0`.`tags`, '$')) = 'ARRAY' then json_extract(`t0`.`tags`, '$') else json_array() end, '$[*]' columns(value json path '$')) as `t1`
  where case when json_type(`t1`.`value`) = 'NULL' then null else json_unquote(`t1`.`value`) end collate utf8mb4_0900_bin = ? collate utf8mb4_0900_bin collate utf8mb4_0900_bin) or (json_type(json_extract(`t0`.`tags`, '$')) = 'ARRAY' and json_length(`t0`.`tags`, '$') = 0) or exists (select 1
  from json_table(case when json_type(json_extract(`t0`.`address`, '$."aliases"')) = 'ARRAY' then json_extract(`t0`.`address`, '$."aliases"') else json_array() end, '$[*]' columns(value json path '$')) as `t2`
  where case when json_type(`t2`.`value`) = 'NULL' then null else json_unquote(`t2`.`value`) end collate utf8mb4_0900_bin = `t0`.`name` collate utf8mb4_0900_bin) or exists (select 1
  from json_table(case when json_type(json_extract(`t0`.`members`, '$')) = 'ARRAY' then json_extract(`t0`.`members`, '$') else json_array() end, '$[*]' columns(value json path '$')) as `t3`
  where (cast(case when json_type(json_extract(`t3`.`value`, '$."age"')) = 'NULL' then null else json_unquote(json_extract(`t3`.`value`, '$."age"')) end as signed) >= ? and exists (select 1
  from json_table(case when json_type(json_extract(`t3`.`value`, '$."roles"')) = 'ARRAY' then json_extract(`t3`.`value`, '$."roles"') else json_array() end, '$[*]' columns(value json path '$')) as `t4`
  where case when json_type(`t4`.`value`) = 'NULL' then null else json_unquote(`t4`.`value`) end collate utf8mb4_0900_bin = ? collate utf8mb4_0900_bin collate utf8mb4_0900_bin))))
  order by `t0`.`id` asc
  limit 50001;
-- "a", 20, "bass"
