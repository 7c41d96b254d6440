-- aggregates
select b.o as o, max(`b`.`a0`) as `c0`, cast(max(`b`.`a1`) as char) as `c1`, var_samp(cast(`b`.`a1` as double)) as `c2`
  from (select s.o as o, `t0`.`explicit` as `a0`, `t0`.`length_ms` as `a1`
  from (select `o`, `v0`
  from json_table(?, '$[*]' columns(`o` int path '$.o', `v0` int path '$.v0')) as j) as s straight_join `tracks` as `t0`
  where `t0`.`explicit` = `s`.`v0`) as b
  group by b.o;
-- <source>
