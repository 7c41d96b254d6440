-- rows
select 1 as c0
  from `artists` as `t0`
  where (exists (select 1
  from json_table(case when json_type(json_extract(`t0`.`tags`, '$')) = 'ARRAY' then json_extract(`t0`.`tags`, '$') else '[]' end, '$[*]' columns(value json path '$')) as `t1`
  where json_value(`t1`.`value`, '$') collate utf8mb4_nopad_bin = ? collate utf8mb4_nopad_bin collate utf8mb4_nopad_bin) or (json_type(json_extract(`t0`.`tags`, '$')) = 'ARRAY' and json_length(`t0`.`tags`, '$') = 0) or exists (select 1
  from json_table(case when json_type(json_extract(`t0`.`address`, '$."aliases"')) = 'ARRAY' then json_extract(`t0`.`address`, '$."aliases"') else '[]' end, '$[*]' columns(value json path '$')) as `t2`
  where json_value(`t2`.`value`, '$') collate utf8mb4_nopad_bin = `t0`.`name` collate utf8mb4_nopad_bin) or exists (select 1
  from json_table(case when json_type(json_extract(`t0`.`members`, '$')) = 'ARRAY' then json_extract(`t0`.`members`, '$') else '[]' end, '$[*]' columns(value json path '$')) as `t3`
  where (cast(json_value(`t3`.`value`, '$."age"') as signed) >= ? and exists (select 1
  from json_table(case when json_type(json_extract(`t3`.`value`, '$."roles"')) = 'ARRAY' then json_extract(`t3`.`value`, '$."roles"') else '[]' end, '$[*]' columns(value json path '$')) as `t4`
  where json_value(`t4`.`value`, '$') collate utf8mb4_nopad_bin = ? collate utf8mb4_nopad_bin collate utf8mb4_nopad_bin))))
  order by `t0`.`id` asc
  limit 50001;
-- "a", 20, "bass"
