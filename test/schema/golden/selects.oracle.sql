-- anomaly_daily
select to_char(sys_extract_utc("timestamp"), 'YYYY-MM-DD') as "day", "kind", "severity", case "severity" when 'low' then 1 when 'medium' then 2 when 'high' then 3 when 'critical' then 4 end as "severity_rank", count(*) as "anomalies" from "anomaly_records" group by to_char(sys_extract_utc("timestamp"), 'YYYY-MM-DD'), "kind", "severity";

-- statistical_flags
select "id", "analysis_id", "kind" as "flag_type", "reason" as "description", to_binary_double(case "severity" when 'low' then 0.3 when 'medium' then 0.6 when 'high' then 0.9 else 1.0 end) as "severity" from "anomaly_records" where "p_value" is not null;

-- query_concerns
select "id", "analysis_id", "reason" as "description" from "anomaly_records" where "dataset" is null;

-- value_distributions
select f."id" as "field_statistic_id", v."value", v."count" from "field_statistics" f, json_table(f."top_values", '$[*]' columns ("value" varchar2(255) path '$.value', "count" number path '$.count')) v;

-- query_features
select "query_id", 'query_length' as "feature_name", to_binary_double("query_length") as "feature_value", 'int' as "feature_type" from "query_patterns" union all select "query_id", 'depth' as "feature_name", to_binary_double("depth") as "feature_value", 'int' as "feature_type" from "query_patterns" union all select "query_id", 'field_count' as "feature_name", to_binary_double("field_count") as "feature_value", 'int' as "feature_type" from "query_patterns" union all select "query_id", 'argument_count' as "feature_name", to_binary_double("argument_count") as "feature_value", 'int' as "feature_type" from "query_patterns" union all select "query_id", 'variable_count' as "feature_name", to_binary_double("variable_count") as "feature_value", 'int' as "feature_type" from "query_patterns" union all select "query_id", 'has_pagination' as "feature_name", to_binary_double(case when "has_pagination" then 1 else 0 end) as "feature_value", 'bool' as "feature_type" from "query_patterns" union all select "query_id", 'has_filtering' as "feature_name", to_binary_double(case when "has_filtering" then 1 else 0 end) as "feature_value", 'bool' as "feature_type" from "query_patterns" union all select "query_id", 'has_sorting' as "feature_name", to_binary_double(case when "has_sorting" then 1 else 0 end) as "feature_value", 'bool' as "feature_type" from "query_patterns" union all select "query_id", 'complexity_score' as "feature_name", to_binary_double("complexity_score") as "feature_value", 'float' as "feature_type" from "query_patterns";

-- query_stats
select "source", "query_id", sum("requests") as "requests", sum("records") as "records", sum("anomalies") as "anomalies", sum("errors") as "errors", min("minute") as "first_seen_at", max("minute") as "last_seen_at" from "traffic_metrics" where "rule_key" is null and "query_id" is not null group by "source", "query_id";

-- query_hourly
select from_tz(cast(trunc(sys_extract_utc("minute"), 'HH24') as timestamp), 'UTC') as "hour", "source", "query_id", sum("requests") as "requests", sum("records") as "records", sum("anomalies") as "anomalies", sum("errors") as "errors" from "traffic_metrics" where "rule_key" is null group by from_tz(cast(trunc(sys_extract_utc("minute"), 'HH24') as timestamp), 'UTC'), "source", "query_id";

-- kill_switch_rule_states
select r."id" as "rule_id", case when r."status" not in ('active', 'dry_run') then r."status" when r."valid_from" > systimestamp then 'scheduled' when r."valid_to" <= systimestamp then 'expired' when m."last_error_at" > systimestamp - numtodsinterval(3600, 'SECOND') then 'erroring' when coalesce(m."last_matched_at", r."activated_at", r."updated_at") < systimestamp - numtodsinterval(2592000, 'SECOND') then 'unused' else r."status" end as "state", cast(coalesce(m."evaluated", 0) as number(19)) as "evaluated", coalesce(m."enforced", 0) as "enforced", coalesce(m."would_enforce", 0) as "would_enforce", coalesce(m."errors", 0) as "errors", m."last_matched_at" as "last_matched_at" from "kill_switch_rules" r left join (select "rule_key", sum("evaluated") as "evaluated", sum("enforced") as "enforced", sum("would_enforce") as "would_enforce", sum("errors") as "errors", max(case when "enforced" + "would_enforce" > 0 then "minute" end) as "last_matched_at", max(case when "errors" > 0 then "minute" end) as "last_error_at" from "traffic_metrics" where "rule_key" is not null group by "rule_key") m on m."rule_key" = r."namespace" || '.' || r."key";

-- kill_switch_hits
select "minute", "rule_key", "role", sum("enforced") as "enforced", sum("would_enforce") as "would_enforce" from "traffic_metrics" where "rule_key" is not null and "enforced" + "would_enforce" > 0 group by "minute", "rule_key", "role";
