-- rows
select `t0`.`title` as `c0`
  from `albums` as `t0`
  order by `t0`.`title` collate utf8mb4_nopad_bin desc, `t0`.`id` collate utf8mb4_nopad_bin asc
  limit 50001;
-- 

-- aggregates
select count(distinct `b`.`a0` collate utf8mb4_nopad_bin) as `c0`, count(distinct `b`.`a1`) as `c1`, min(`b`.`a0`) as `c2`
  from (select `t0`.`title` as `a0`, `t0`.`meta` as `a1`
  from `albums` as `t0`) as b;
-- 

-- groups
select `g`.`d0` as `c0`, `g`.`g0` as `x0`
  from (select `b`.`d0` as `d0`, count(*) as `g0`
  from (select `t0`.`title` collate utf8mb4_nopad_bin as `d0`
  from `albums` as `t0`) as b
  group by `b`.`d0`) as g
  order by `g`.`d0` collate utf8mb4_nopad_bin desc
  limit 50001;
-- 
