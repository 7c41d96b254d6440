-- rows
select `t0`.`name` as `c0`, `t0`.`id` as `c1`
  from `artists` as `t0`
  order by `t0`.`id` asc
  limit 50001;
-- 

-- rows.albums.rows
select b.o, `b`.`c0`, `b`.`c1`
  from (select s.o as o, `t0`.`title` as `c0`, `t0`.`id` as `c1`, row_number() over (partition by s.o
  order by `t0`.`title` collate utf8mb4_nopad_bin asc, `t0`.`id` collate utf8mb4_nopad_bin asc) as rn
  from (select `o`, `k0`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `k0` int path '$.k0')) as j) as s straight_join `albums` as `t0`
  where `t0`.`artist_id` = `s`.`k0`) as b
  where b.rn > ? and b.rn <= ?
  order by b.o, b.rn
  limit 50001;
-- <source>, 0, 2

-- rows.albums.rows.tracks.rows
select s.o as o, `t0`.`title` as `c0`
  from (select `o`, `k0` collate utf8mb4_nopad_bin as `k0`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `k0` longtext path '$.k0')) as j) as s straight_join `tracks` as `t0`
  where `t0`.`album_id` = `s`.`k0` collate utf8mb4_nopad_bin
  order by s.o, `t0`.`album_id` collate utf8mb4_nopad_bin asc, `t0`.`position` asc
  limit 50001;
-- <source>

-- rows.albums.rows.tracks.aggregates
select b.o as o, count(*) as `c0`
  from (select s.o as o
  from (select `o`, `k0` collate utf8mb4_nopad_bin as `k0`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `k0` longtext path '$.k0')) as j) as s straight_join `tracks` as `t0`
  where `t0`.`album_id` = `s`.`k0` collate utf8mb4_nopad_bin) as b
  group by b.o;
-- <source>
