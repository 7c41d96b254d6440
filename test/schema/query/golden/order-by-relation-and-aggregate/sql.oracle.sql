-- rows
select lower(regexp_replace(rawtohex(t0."id"), '(.{8})(.{4})(.{4})(.{4})(.{12})', '\1-\2-\3-\4-\5')) as c0
  from "albums" t0
  order by (select t1."name"
  from "artists" t1
  where t1."id" = t0."artist_id"
  order by null
  fetch next 1 rows only) collate binary desc nulls last, (select least(greatest(coalesce(sum(t2."length_ms"), 0), -9223372036854775808), 9223372036854775807)
  from "tracks" t2
  where t2."album_id" = t0."id" and t2."explicit" = to_boolean(:1)) asc nulls first, t0."id" asc
  fetch next 50001 rows only;
-- 1
