-- rows
select b.o, `b`.`c0`
  from (select s.o as o, `t0`.`title` as `c0`, row_number() over (partition by s.o
  order by `t0`.`released` desc, `t0`.`id` collate utf8mb4_0900_bin asc) as rn
  from (select `o`, `v0`, case when json_type(`v1`) = 'NULL' then null else `v1` end as `v1`, `v2` collate utf8mb4_0900_bin as `v2`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `v0` int path '$.v0', `v1` json path '$.v1', `v2` longtext path '$.v2')) as j) as s straight_join `albums` as `t0`
  where (`t0`.`year` >= `s`.`v0` and (`t0`.`title` in (select case when json_type(`t1`.`value`) = 'NULL' then null else json_unquote(`t1`.`value`) end collate utf8mb4_0900_bin
  from json_table(case when json_type(json_extract(`s`.`v1`, '$')) = 'ARRAY' then json_extract(`s`.`v1`, '$') else json_array() end, '$[*]' columns(value json path '$')) as `t1`) or `t0`.`title` like `s`.`v2` collate utf8mb4_0900_bin))) as b
  where b.rn > ? and b.rn <= ?
  order by b.o, b.rn
  limit 50001;
-- <source>, 1, 4
