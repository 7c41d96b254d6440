-- anomaly_daily
select convert(nvarchar(10), [timestamp], 23) as day, kind, severity, case severity when 'low' then 1 when 'medium' then 2 when 'high' then 3 when 'critical' then 4 end as severity_rank, count(*) as anomalies from anomaly_records group by convert(nvarchar(10), [timestamp], 23), kind, severity;

-- statistical_flags
select id, analysis_id, kind as flag_type, reason as description, cast(case severity when 'low' then 0.3 when 'medium' then 0.6 when 'high' then 0.9 else 1.0 end as float) as severity from anomaly_records where p_value is not null;

-- query_concerns
select id, analysis_id, reason as description from anomaly_records where dataset is null;

-- value_distributions
select f.id as field_statistic_id, v.value, v.count from field_statistics f cross apply openjson(f.top_values) with (value nvarchar(255) '$.value', count int '$.count') v;

-- query_features
select query_id, N'query_length' as feature_name, cast(query_length as float) as feature_value, N'int' as feature_type from query_patterns union all select query_id, N'depth' as feature_name, cast(depth as float) as feature_value, N'int' as feature_type from query_patterns union all select query_id, N'field_count' as feature_name, cast(field_count as float) as feature_value, N'int' as feature_type from query_patterns union all select query_id, N'argument_count' as feature_name, cast(argument_count as float) as feature_value, N'int' as feature_type from query_patterns union all select query_id, N'variable_count' as feature_name, cast(variable_count as float) as feature_value, N'int' as feature_type from query_patterns union all select query_id, N'has_pagination' as feature_name, cast(has_pagination as float) as feature_value, N'bool' as feature_type from query_patterns union all select query_id, N'has_filtering' as feature_name, cast(has_filtering as float) as feature_value, N'bool' as feature_type from query_patterns union all select query_id, N'has_sorting' as feature_name, cast(has_sorting as float) as feature_value, N'bool' as feature_type from query_patterns union all select query_id, N'complexity_score' as feature_name, cast(complexity_score as float) as feature_value, N'float' as feature_type from query_patterns;

-- query_stats
select source, query_id, sum(requests) as requests, sum(records) as records, sum(anomalies) as anomalies, sum(errors) as errors, min(minute) as first_seen_at, max(minute) as last_seen_at from traffic_metrics where rule_key = '' and query_id <> '' group by source, query_id;

-- query_hourly
select dateadd(hour, datediff(hour, '1970-01-01', minute), cast('1970-01-01' as datetime2(3))) as hour, source, query_id, sum(requests) as requests, sum(records) as records, sum(anomalies) as anomalies, sum(errors) as errors from traffic_metrics where rule_key = '' group by dateadd(hour, datediff(hour, '1970-01-01', minute), cast('1970-01-01' as datetime2(3))), source, query_id;

-- kill_switch_rule_states
select r.id as rule_id, case when r.status not in ('active', 'dry_run') then r.status when r.valid_from > sysutcdatetime() then 'scheduled' when r.valid_to <= sysutcdatetime() then 'expired' when m.last_error_at > dateadd(second, -3600, sysutcdatetime()) then 'erroring' when coalesce(m.last_matched_at, r.activated_at, r.updated_at) < dateadd(second, -2592000, sysutcdatetime()) then 'unused' else r.status end as state, cast(coalesce(m.evaluated, 0) as bigint) as evaluated, coalesce(m.enforced, 0) as enforced, coalesce(m.would_enforce, 0) as would_enforce, coalesce(m.errors, 0) as errors, m.last_matched_at as last_matched_at from kill_switch_rules r left join (select rule_key, sum(evaluated) as evaluated, sum(enforced) as enforced, sum(would_enforce) as would_enforce, sum(errors) as errors, max(case when enforced + would_enforce > 0 then minute end) as last_matched_at, max(case when errors > 0 then minute end) as last_error_at from traffic_metrics where rule_key <> '' group by rule_key) m on m.rule_key = concat(r.namespace, '.', r.[key]);

-- kill_switch_hits
select minute, rule_key, role, sum(enforced) as enforced, sum(would_enforce) as would_enforce from traffic_metrics where rule_key <> '' and enforced + would_enforce > 0 group by minute, rule_key, role;
