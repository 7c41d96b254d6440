-- aggregates
select b.o as o, bool_or("b"."a0") as "c0", max("b"."a1")::text as "c1", var_samp("b"."a1"::double precision) as "c2"
  from (select s.o as o, "t0"."explicit" as "a0", "t0"."length_ms" as "a1"
  from jsonb_to_recordset($1::jsonb) as s("o" integer, "v0" boolean) cross join "tracks" as "t0"
  where "t0"."explicit" = "s"."v0") as b
  group by b.o;
-- <source>
