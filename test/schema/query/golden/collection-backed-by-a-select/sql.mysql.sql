-- rows
select `t0`.`name` as `c0`, `t0`.`id` as `c1`
  from `artists` as `t0`
  order by (select `t1`.`albums`
  from (select artist_id, cast(count(*) as signed) as albums
  from albums
  where artist_id is not null
  group by artist_id) as `t1`
  where `t1`.`artist_id` = `t0`.`id`
  limit 1) desc, `t0`.`id` asc
  limit 50001;
-- 

-- rows.totals.rows
select s.o as o, `t0`.`albums` as `c0`
  from (select `o`, `k0`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `k0` int path '$.k0')) as j) as s straight_join (select artist_id, cast(count(*) as signed) as albums
  from albums
  where artist_id is not null
  group by artist_id) as `t0`
  where `t0`.`artist_id` = `s`.`k0`
  order by s.o, `t0`.`artist_id` asc
  limit 50001;
-- <source>
