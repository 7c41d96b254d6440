-- rows
select b.o, `b`.`c0`
  from (select s.o as o, `t0`.`title` as `c0`, row_number() over (partition by s.o
  order by `t0`.`released` desc, `t0`.`id` collate utf8mb4_nopad_bin asc) as rn
  from (select `o`, `v0`, nullif(`v1`, 'null') as `v1`, `v2` collate utf8mb4_nopad_bin as `v2`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `v0` int path '$.v0', `v1` json path '$.v1', `v2` longtext path '$.v2')) as j) as s straight_join `albums` as `t0`
  where (`t0`.`year` >= `s`.`v0` and (`t0`.`title` in (select json_value(`t1`.`value`, '$') collate utf8mb4_nopad_bin
  from json_table(case when json_type(json_extract(`s`.`v1`, '$')) = 'ARRAY' then json_extract(`s`.`v1`, '$') else '[]' end, '$[*]' columns(value json path '$')) as `t1`) or `t0`.`title` like `s`.`v2` collate utf8mb4_nopad_bin))) as b
  where b.rn > ? and b.rn <= ?
  order by b.o, b.rn
  limit 50001;
-- <source>, 1, 4
