-- rows
select s.o as o, `t0`.`title` as `c0`
  from (select `o`, `v0`, nullif(`v1`, 'null') as `v1`, `v2` collate utf8mb4_nopad_bin as `v2`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `v0` int path '$.v0', `v1` json path '$.v1', `v2` longtext path '$.v2')) as j) as s straight_join `albums` as `t0`
  where (`t0`.`year` >= `s`.`v0` and (`t0`.`title` in (select json_value(`t1`.`value`, '$') collate utf8mb4_nopad_bin
  from json_table(case when json_type(json_extract(`s`.`v1`, '$')) = 'ARRAY' then json_extract(`s`.`v1`, '$') else '[]' end, '$[*]' columns(value json path '$')) as `t1`) or `t0`.`title` like `s`.`v2` collate utf8mb4_nopad_bin))
  order by `t0`.`released` desc, `t0`.`id` collate utf8mb4_nopad_bin asc
  limit ? offset ?;
-- <source>, 3, 1

-- groups
select g.o as o, `g`.`d0` as `c0`
  from (select `b`.`o` as `o`, `b`.`d0` as `d0`
  from (select s.o as o, `t0`.`year` as `d0`
  from (select `o`, `v0`, nullif(`v1`, 'null') as `v1`, `v2` collate utf8mb4_nopad_bin as `v2`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `v0` int path '$.v0', `v1` json path '$.v1', `v2` longtext path '$.v2')) as j) as s straight_join `albums` as `t0`
  where (`t0`.`year` >= `s`.`v0` and (`t0`.`title` in (select json_value(`t1`.`value`, '$') collate utf8mb4_nopad_bin
  from json_table(case when json_type(json_extract(`s`.`v1`, '$')) = 'ARRAY' then json_extract(`s`.`v1`, '$') else '[]' end, '$[*]' columns(value json path '$')) as `t1`) or `t0`.`title` like `s`.`v2` collate utf8mb4_nopad_bin))
  order by `t0`.`released` desc, `t0`.`id` collate utf8mb4_nopad_bin asc
  limit ? offset ?) as b
  group by `b`.`o`, `b`.`d0`) as g
  order by `g`.`d0` asc
  limit ?;
-- <source>, 3, 1, 2
