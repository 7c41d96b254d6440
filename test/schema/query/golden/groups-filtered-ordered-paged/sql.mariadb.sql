-- groups
select g.o as o, date_format(`g`.`d0`, '%Y-%m-%dT%H:%i:%s.%f') as `c0`, `g`.`d1` as `c1`, `g`.`g0` as `x0`, `g`.`g1` as `x1`
  from (select g.*, row_number() over (partition by g.o
  order by `g`.`g2` desc, `g`.`d1` collate utf8mb4_nopad_bin asc, `g`.`d0` asc) as rn
  from (select `b`.`o` as `o`, `b`.`d0` as `d0`, `b`.`d1` as `d1`, `b`.`v0` as `v0`, count(*) as `g0`, sum(cast(`b`.`a0` as double) * `b`.`w0`) as `g1`, max(`b`.`a1`) as `g2`
  from (select b.*, greatest(0, 1 - abs(row_number() over (partition by `b`.`o`, `b`.`d0`, `b`.`d1`
  order by `b`.`a0` is null, `b`.`a0`) - 1 - 0.95 * (count(`b`.`a0`) over (partition by `b`.`o`, `b`.`d0`, `b`.`d1`) - 1))) as `w0`
  from (select s.o as o, `t0`.`length_ms` as `a0`, `t0`.`position` as `a1`, cast(date(`t0`.`played_at`) as datetime(3)) as `d0`, (select `t1`.`title`
  from `albums` as `t1`
  where `t1`.`id` = `t0`.`album_id` collate utf8mb4_nopad_bin
  limit 1) collate utf8mb4_nopad_bin as `d1`, `s`.`v0` as `v0`
  from (select `o`, `v0`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `v0` int path '$.v0')) as j) as s straight_join `tracks` as `t0`) as b) as b
  group by `b`.`o`, `b`.`d0`, `b`.`d1`, `b`.`v0`) as g
  where not (((`g`.`g0` < `g`.`v0`) is true))) as g
  where g.rn > ? and g.rn <= ?
  order by g.o, g.rn
  limit 50001;
-- <source>, 1, 6
