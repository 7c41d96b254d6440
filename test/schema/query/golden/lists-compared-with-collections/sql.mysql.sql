-- rows
select cast(`t0`.`members` as char) as `c0`
  from `artists` as `t0`
  order by `t0`.`id` asc
  limit 50001;
-- 

-- rows.members.related
select s.o as o, case when (cast(case when json_type(json_extract(`s`.`value`, '$."age"')) = 'NULL' then null else json_unquote(json_extract(`s`.`value`, '$."age"')) end as signed) > ? and exists (select 1
  from `artists` as `t0`
  where `t0`.`id` = cast(case when json_type(json_extract(`s`.`value`, '$."artist_id"')) = 'NULL' then null else json_unquote(json_extract(`s`.`value`, '$."artist_id"')) end as signed) and `t0`.`name` <> case when json_type(json_extract(`s`.`value`, '$."name"')) = 'NULL' then null else json_unquote(json_extract(`s`.`value`, '$."name"')) end collate utf8mb4_0900_bin collate utf8mb4_0900_bin)) then 1 else 0 end as `c0`, date_format((select `t1`.`founded`
  from `artists` as `t1`
  where `t1`.`id` = cast(case when json_type(json_extract(`s`.`value`, '$."artist_id"')) = 'NULL' then null else json_unquote(json_extract(`s`.`value`, '$."artist_id"')) end as signed)
  limit 1), '%Y-%m-%dT%H:%i:%s.%f') as `c1`, date_format((select `t2`.`founded`
  from `artists` as `t2`
  where `t2`.`id` = cast(case when json_type(json_extract(`s`.`value`, '$."artist_id"')) = 'NULL' then null else json_unquote(json_extract(`s`.`value`, '$."artist_id"')) end as signed)
  limit 1), '%Y-%m-%dT%H:%i:%s.%f') as `c2`
  from (select `o`, case when json_type(`value`) = 'NULL' then null else `value` end as `value`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `value` json path '$.value')) as j) as s;
-- 20, <source>
