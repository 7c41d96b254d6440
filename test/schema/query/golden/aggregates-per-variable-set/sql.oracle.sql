-- aggregates
select b.o as o, boolean_or_agg(b.a0) as c0, to_char(max(b.a1)) as c1, var_samp(to_binary_double(b.a1)) as c2
  from (select s.o as o, t0."explicit" as a0, t0."length_ms" as a1
  from (select o, v0
  from json_table(:1, '$[*]' columns (o number path '$.o', v0 boolean path '$.v0')) j) s cross join "tracks" t0
  where t0."explicit" = s.v0) b
  group by b.o;
-- <source>
