-- rows
select cast(`t0`.`members` as char) as `c0`
  from `artists` as `t0`
  order by `t0`.`id` asc
  limit 50001;
-- 

-- rows.members.related
select s.o as o, case when (cast(json_value(`s`.`value`, '$."age"') as signed) > ? and exists (select 1
  from `artists` as `t0`
  where `t0`.`id` = cast(json_value(`s`.`value`, '$."artist_id"') as signed) and `t0`.`name` <> json_value(`s`.`value`, '$."name"') collate utf8mb4_nopad_bin collate utf8mb4_nopad_bin)) then 1 else 0 end as `c0`, date_format((select `t1`.`founded`
  from `artists` as `t1`
  where `t1`.`id` = cast(json_value(`s`.`value`, '$."artist_id"') as signed)
  limit 1), '%Y-%m-%dT%H:%i:%s.%f') as `c1`, date_format((select `t2`.`founded`
  from `artists` as `t2`
  where `t2`.`id` = cast(json_value(`s`.`value`, '$."artist_id"') as signed)
  limit 1), '%Y-%m-%dT%H:%i:%s.%f') as `c2`
  from (select `o`, nullif(`value`, 'null') as `value`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `value` json path '$.value')) as j) as s;
-- 20, <source>
