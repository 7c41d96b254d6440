-- rows
select cast(`t0`.`address` as char) as `c0`
  from `artists` as `t0`
  where (case when json_type(json_extract(`t0`.`address`, '$."city"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."city"')) end collate utf8mb4_0900_bin = ? collate utf8mb4_0900_bin collate utf8mb4_0900_bin and cast(case when json_type(json_extract(`t0`.`address`, '$."geo"."lat"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."geo"."lat"')) end as double) > ? and cast(replace(replace(case when json_type(json_extract(`t0`.`address`, '$."since"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."since"')) end, 'T', ' '), 'Z', '') as datetime(3)) < cast(? as datetime(3)) and exists (select 1
  from `artists` as `t1`
  where `t1`.`id` = cast(case when json_type(json_extract(`t0`.`address`, '$."label_id"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."label_id"')) end as signed)))
  order by cast(case when json_type(json_extract(`t0`.`address`, '$."visits"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."visits"')) end as signed) asc, `t0`.`id` asc
  limit 50001;
-- "a", 1, "2025-01-01 00:00:00.000"

-- aggregates
select cast(max(`b`.`a0`) as char) as `c0`
  from (select cast(case when json_type(json_extract(`t0`.`address`, '$."visits"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."visits"')) end as signed) as `a0`
  from `artists` as `t0`
  where (case when json_type(json_extract(`t0`.`address`, '$."city"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."city"')) end collate utf8mb4_0900_bin = ? collate utf8mb4_0900_bin collate utf8mb4_0900_bin and cast(case when json_type(json_extract(`t0`.`address`, '$."geo"."lat"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."geo"."lat"')) end as double) > ? and cast(replace(replace(case when json_type(json_extract(`t0`.`address`, '$."since"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."since"')) end, 'T', ' '), 'Z', '') as datetime(3)) < cast(? as datetime(3)) and exists (select 1
  from `artists` as `t1`
  where `t1`.`id` = cast(case when json_type(json_extract(`t0`.`address`, '$."label_id"')) = 'NULL' then null else json_unquote(json_extract(`t0`.`address`, '$."label_id"')) end as signed)))) as b;
-- "a", 1, "2025-01-01 00:00:00.000"

-- rows.city.rows.label.rows
select s.o as o, `t0`.`name` as `c0`
  from (select `o`, `k0`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `k0` int path '$.k0')) as j) as s straight_join `artists` as `t0`
  where `t0`.`id` = `s`.`k0`
  order by s.o, `t0`.`id` asc
  limit 50001;
-- <source>
