-- rows
select 1 as c0
  from `artists` as `t0`
  where (`t0`.`external_id` = ? collate utf8mb4_nopad_bin collate utf8mb4_nopad_bin or `t0`.`id` < ? or `t0`.`plays` >= cast(? as signed) or `t0`.`rating` > ? or `t0`.`active` = ? or `t0`.`founded` <= cast(? as datetime(3)) or `t0`.`status` in (select json_value(`t1`.`value`, '$') collate utf8mb4_nopad_bin
  from json_table(case when json_type(json_extract(?, '$')) = 'ARRAY' then json_extract(?, '$') else '[]' end, '$[*]' columns(value json path '$')) as `t1`) or `t0`.`tags` is null)
  order by `t0`.`id` asc
  limit 50001;
-- "01901eef-0000-7000-8000-000000000001", 5, "9007199254740993", 1.5, true, "2025-01-01 05:00:00.000", "[\"open\",\"closed\"]", "[\"open\",\"closed\"]"
