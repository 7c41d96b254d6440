-- rows
select cast(`t0`.`address` as char) as `c0`
  from `artists` as `t0`
  where (json_value(`t0`.`address`, '$."city"') collate utf8mb4_nopad_bin = ? collate utf8mb4_nopad_bin collate utf8mb4_nopad_bin and cast(json_value(`t0`.`address`, '$."geo"."lat"') as double) > ? and cast(replace(replace(json_value(`t0`.`address`, '$."since"'), 'T', ' '), 'Z', '') as datetime(3)) < cast(? as datetime(3)) and exists (select 1
  from `artists` as `t1`
  where `t1`.`id` = cast(json_value(`t0`.`address`, '$."label_id"') as signed)))
  order by cast(json_value(`t0`.`address`, '$."visits"') as signed) asc, `t0`.`id` asc
  limit 50001;
-- "a", 1, "2025-01-01 00:00:00.000"

-- aggregates
select cast(max(`b`.`a0`) as char) as `c0`
  from (select cast(json_value(`t0`.`address`, '$."visits"') as signed) as `a0`
  from `artists` as `t0`
  where (json_value(`t0`.`address`, '$."city"') collate utf8mb4_nopad_bin = ? collate utf8mb4_nopad_bin collate utf8mb4_nopad_bin and cast(json_value(`t0`.`address`, '$."geo"."lat"') as double) > ? and cast(replace(replace(json_value(`t0`.`address`, '$."since"'), 'T', ' '), 'Z', '') as datetime(3)) < cast(? as datetime(3)) and exists (select 1
  from `artists` as `t1`
  where `t1`.`id` = cast(json_value(`t0`.`address`, '$."label_id"') as signed)))) as b;
-- "a", 1, "2025-01-01 00:00:00.000"

-- rows.city.rows.label.rows
select s.o as o, `t0`.`name` as `c0`
  from (select `o`, `k0`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `k0` int path '$.k0')) as j) as s straight_join `artists` as `t0`
  where `t0`.`id` = `s`.`k0`
  order by s.o, `t0`.`id` asc
  limit 50001;
-- <source>
