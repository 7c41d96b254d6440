-- aggregates
select count(*) as `c0`, count(distinct `b`.`a0`) as `c1`, (least(greatest(coalesce(sum(case when abs(`b`.`a1`) > 1e+280 then `b`.`a1` * 5.421010862427522e-20 end), 0e0), -9.741556519782257e+288), 9.741556519782257e+288) * 18446744073709552000e0 + coalesce(sum(case when abs(`b`.`a1`) <= 1e+280 then `b`.`a1` end), 0e0)) as `c2`, (cast(sum(`b`.`a0`) as double) / count(`b`.`a0`)) as `c3`, min(`b`.`a2`) as `c4`, case when count(`b`.`a1`) > 1 and max(abs(`b`.`a1`)) > 1e+145 then 1.797e+308 else stddev_samp(case when abs(`b`.`a1`) <= 1e+145 then `b`.`a1` end) end as `c5`, sum(cast(`b`.`a1` as double) * `b`.`w0`) as `c6`, sum(cast(`b`.`a1` as double) * `b`.`w1`) as `c7`
  from (select b.*, greatest(0, 1 - abs(row_number() over (
  order by `b`.`a1` is null, `b`.`a1`) - 1 - 0.5 * (count(`b`.`a1`) over () - 1))) as `w0`, greatest(0, 1 - abs(row_number() over (
  order by `b`.`a1` is null, `b`.`a1`) - 1 - 0.95 * (count(`b`.`a1`) over () - 1))) as `w1`
  from (select `t0`.`year` as `a0`, `t0`.`price` as `a1`, `t0`.`id` as `a2`
  from `albums` as `t0`
  order by `t0`.`id` collate utf8mb4_0900_bin asc
  limit ?) as b) as b;
-- 10
