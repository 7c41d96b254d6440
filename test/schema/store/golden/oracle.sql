create table "analyst_status" ("instance" varchar2(100) not null, "state" varchar2(16) not null, "since" timestamp(3) with time zone not null, "updated_at" timestamp(3) with time zone not null, "model" varchar2(100) null, "prompt_version" varchar2(32) not null, "queue_length" number(10, 0) not null, "calls_running" number(10, 0) not null, "tokens_last_hour" number(10, 0) not null, "tokens_last_day" number(10, 0) not null, "cost_last_day" binary_double null, "tokens_per_hour" number(10, 0) null, "tokens_per_day" number(10, 0) null, "cost_per_day" binary_double null, "last_call_at" timestamp(3) with time zone null, "last_fault" varchar2(24) null, "last_fault_message" clob null, "retry_at" timestamp(3) with time zone null, primary key ("instance"));

create table "api_tokens" ("id" raw(16) not null, "name" varchar2(191) not null, "role" varchar2(16) not null, "token_hash" varchar2(64) not null, "created_at" timestamp(3) with time zone not null, "expires_at" timestamp(3) with time zone null, "revoked_at" timestamp(3) with time zone null, primary key ("id"));
create unique index "api_tokens_name_unique" on "api_tokens" ("name");
create unique index "api_tokens_token_hash_unique" on "api_tokens" ("token_hash");

create table "kill_switch_instances" ("id" raw(16) not null, "name" varchar2(191) not null, "environment" varchar2(64) null, "started_at" timestamp(3) with time zone not null, "heartbeat_at" timestamp(3) with time zone not null, "applied_revision" number(10, 0) not null, "applied_at" timestamp(3) with time zone not null, "state" varchar2(16) not null, "unsupported" json not null, "erroring" json null, "self_test_at" timestamp(3) with time zone null, "self_test_ok" boolean null, primary key ("id"));
create index "kill_switch_instances_heartbeat_at_index" on "kill_switch_instances" ("heartbeat_at");

create table "kill_switch_revision" ("id" number(10, 0) not null, "value" number(10, 0) not null, "canary" varchar2(64) null, "canary_revision" number(10, 0) default 0 not null, primary key ("id"));

create table "kill_switch_rules" ("id" raw(16) not null, "namespace" varchar2(64) not null, "key" varchar2(64) not null, "description" clob null, "reason" clob null, "condition" clob not null, "except_condition" clob null, "normalised_condition" clob null, "stages" json null, "coverage" json null, "coverage_warnings" json null, "action_type" varchar2(16) not null, "action" json not null, "priority" number(10, 0) not null, "status" varchar2(16) not null, "valid_from" timestamp(3) with time zone null, "valid_to" timestamp(3) with time zone null, "schedule" json null, "max_duration_seconds" number(10, 0) null, "recheck" json null, "on_error" varchar2(16) default 'no_match' not null, "guard" json null, "environment" varchar2(64) null, "refresh_seconds" number(10, 0) default 30 not null, "ticket" varchar2(191) null, "owner" varchar2(191) null, "tags" json null, "language_version" number(10, 0) default 1 not null, "emergency" boolean default 0 not null, "dry_run_at" timestamp(3) with time zone null, "origin" varchar2(191) not null, "revision" number(10, 0) not null, "created_by" varchar2(191) not null, "created_at" timestamp(3) with time zone not null, "updated_by" varchar2(191) not null, "updated_at" timestamp(3) with time zone not null, "activated_by" varchar2(191) null, "activated_at" timestamp(3) with time zone null, primary key ("id"));
create index "kill_switch_rules_revision_index" on "kill_switch_rules" ("revision");
create unique index "kill_switch_rules_namespace_key_unique" on "kill_switch_rules" ("namespace", "key");

create table "kill_switch_rule_audit" ("id" raw(16) not null, "rule_id" raw(16) not null, "at" timestamp(3) with time zone not null, "actor" varchar2(191) not null, "surface" varchar2(16) not null, "change" varchar2(16) not null, "reason" clob null, "revision" number(10, 0) not null, "before" json null, "after" json not null, primary key ("id"));
create index "kill_switch_rule_audit_at_index" on "kill_switch_rule_audit" ("at");

create table "query_patterns" ("query_id" varchar2(64) not null, "query_hash" varchar2(32) not null, "source" varchar2(16) not null, "operation_name" varchar2(255) null, "operation_type" varchar2(16) not null, "query_text" clob not null, "root_fields" json not null, "fields" json not null, "query_length" number(10, 0) not null, "depth" number(10, 0) not null, "field_count" number(10, 0) not null, "argument_count" number(10, 0) not null, "variable_count" number(10, 0) not null, "alias_count" number(10, 0) not null, "has_pagination" boolean not null, "has_filtering" boolean not null, "has_sorting" boolean not null, "introspection" boolean not null, "complexity_score" binary_double not null, "created_at" timestamp(3) with time zone not null, primary key ("query_id"));
create index "query_patterns_query_hash_index" on "query_patterns" ("query_hash");

create table "historical_data" ("id" raw(16) not null, "baseline_key" varchar2(64) not null, "source" varchar2(16) not null, "query_id" varchar2(64) null, "dataset" varchar2(255) not null, "scope" varchar2(191) not null, "record_count" number(10, 0) not null, "created_at" timestamp(3) with time zone not null, "last_updated" timestamp(3) with time zone not null, primary key ("id"));
create unique index "historical_data_baseline_key_unique" on "historical_data" ("baseline_key");

create table "history_blocks" ("id" raw(16) not null, "observation_id" raw(16) not null, "at" timestamp(3) with time zone not null, "shape_baseline_id" raw(16) not null, "dataset_baseline_id" raw(16) not null, "quarantined" boolean not null, "released_by" raw(16) null, "best_priority" binary_double not null, "record_count" number(10, 0) not null, "records" json not null, "raw" json null, primary key ("id"));
create index "history_blocks_observation_id_index" on "history_blocks" ("observation_id");
create index "history_blocks_shape_baseline_id_quarantined_best_priority_index" on "history_blocks" ("shape_baseline_id", "quarantined", "best_priority");
create index "history_blocks_dataset_baseline_id_quarantined_best_priority_index" on "history_blocks" ("dataset_baseline_id", "quarantined", "best_priority");
create index "history_blocks_quarantined_at_index" on "history_blocks" ("quarantined", "at");

create table "anomaly_analyses" ("id" raw(16) not null, "observation_id" raw(16) not null, "timestamp" timestamp(3) with time zone not null, "query_id" varchar2(64) not null, "query_hash" varchar2(32) not null, "source" varchar2(16) not null, "dataset" varchar2(255) null, "operation_name" varchar2(255) null, "role" varchar2(191) not null, "user_id" varchar2(191) null, "trace_id" varchar2(64) null, "request_id" varchar2(255) null, "processed_records" number(10, 0) not null, "anomalous_records_count" number(10, 0) not null, "historical_data_size" number(10, 0) not null, "analysis_mode" varchar2(16) not null, "baseline" varchar2(16) not null, "model_version" number(10, 0) null, "anomalies_detected" boolean not null, "status" varchar2(16) not null, primary key ("id"));
create index "anomaly_analyses_observation_id_index" on "anomaly_analyses" ("observation_id");
create index "anomaly_analyses_timestamp_index" on "anomaly_analyses" ("timestamp");
create index "anomaly_analyses_query_hash_index" on "anomaly_analyses" ("query_hash");
create index "anomaly_analyses_trace_id_index" on "anomaly_analyses" ("trace_id");
create index "anomaly_analyses_role_timestamp_index" on "anomaly_analyses" ("role", "timestamp");
create index "anomaly_analyses_user_id_timestamp_index" on "anomaly_analyses" ("user_id", "timestamp");

create table "field_statistics" ("id" raw(16) not null, "analysis_id" raw(16) not null, "field_name" varchar2(255) not null, "field_type" varchar2(50) not null, "record_count" number(10, 0) not null, "null_count" number(10, 0) not null, "missing_count" number(10, 0) not null, "unique_count" number(10, 0) not null, "uniqueness_ratio" binary_double not null, "avg_length" binary_double null, "min_value" binary_double null, "max_value" binary_double null, "mean_value" binary_double null, "median_value" binary_double null, "std_dev" binary_double null, "top_values" json not null, primary key ("id"));

create table "anomaly_records" ("id" raw(16) not null, "analysis_id" raw(16) not null, "timestamp" timestamp(3) with time zone not null, "kind" varchar2(32) not null, "category" varchar2(100) not null, "severity" varchar2(16) not null, "severity_rank" number(10, 0) default 0 not null, "risk_level" varchar2(16) not null, "dataset" varchar2(255) null, "record_index" number(10, 0) not null, "pattern" varchar2(32) null, "reason" clob not null, "score" binary_double null, "p_value" binary_double null, "label" varchar2(16) null, "labelled_by" varchar2(191) null, "labelled_at" timestamp(3) with time zone null, "note" clob null, "acknowledged_by" varchar2(191) null, "acknowledged_at" timestamp(3) with time zone null, primary key ("id"));
create index "anomaly_records_timestamp_index" on "anomaly_records" ("timestamp");
create index "anomaly_records_labelled_at_index" on "anomaly_records" ("labelled_at");
create index "anomaly_records_kind_timestamp_index" on "anomaly_records" ("kind", "timestamp");
create index "anomaly_records_severity_timestamp_index" on "anomaly_records" ("severity", "timestamp");
create index "anomaly_records_severity_rank_timestamp_index" on "anomaly_records" ("severity_rank", "timestamp");
create index "anomaly_records_pattern_timestamp_index" on "anomaly_records" ("pattern", "timestamp");

create table "anomaly_fields" ("id" raw(16) not null, "record_id" raw(16) not null, "rank" number(10, 0) not null, "field_name" varchar2(255) not null, "value" clob null, "contribution" binary_double not null, "tail_probability" binary_double not null, "usual_low" binary_double null, "usual_median" binary_double null, "usual_high" binary_double null, "frequency" binary_double null, "description" clob not null, primary key ("id"));

create table "analyst_opinions" ("id" raw(16) not null, "timestamp" timestamp(3) with time zone not null, "query_id" varchar2(64) not null, "observation_id" raw(16) not null, "role" varchar2(191) not null, "reason" varchar2(16) not null, "kinds" json not null, "status" varchar2(24) not null, "message" clob null, "anomalies_detected" boolean null, "typical" boolean null, "summary" clob null, "opinion" json null, "draft_condition" clob null, "draft_refused" clob null, "draft_alert" json null, "model" varchar2(100) not null, "prompt_version" varchar2(32) not null, "prompt_system" clob not null, "prompt" clob not null, "estimated_tokens" number(10, 0) not null, "input_tokens" number(10, 0) not null, "output_tokens" number(10, 0) not null, "cache_write_tokens" number(10, 0) not null, "cache_read_tokens" number(10, 0) not null, "cost" binary_double null, "latency_ms" number(10, 0) not null, "provider_request_id" varchar2(100) null, primary key ("id"));
create index "analyst_opinions_timestamp_index" on "analyst_opinions" ("timestamp");
create index "analyst_opinions_observation_id_index" on "analyst_opinions" ("observation_id");
create index "analyst_opinions_query_id_timestamp_index" on "analyst_opinions" ("query_id", "timestamp");

create table "recommendations" ("id" raw(16) not null, "analysis_id" raw(16) not null, "description" clob not null, primary key ("id"));

create table "request_log" ("id" raw(16) not null, "at" timestamp(3) with time zone not null, "hook" varchar2(32) not null, "source" varchar2(16) not null, "delivery_key" varchar2(64) not null, "trace_id" varchar2(64) null, "request_id" varchar2(255) null, "role" varchar2(191) not null, "user_id" varchar2(191) null, "operation_name" varchar2(255) null, "query_id" varchar2(64) not null, "argument_paths" json not null, "argument_facts" json null, "record_count" number(10, 0) not null, "new_entities" number(10, 0) null, "error_count" number(10, 0) not null, "verdict" varchar2(16) not null, "rule_key" varchar2(191) null, "anomalous" boolean not null, primary key ("id"));
create index "request_log_at_index" on "request_log" ("at");
create unique index "request_log_delivery_key_unique" on "request_log" ("delivery_key");
create index "request_log_trace_id_index" on "request_log" ("trace_id");
create index "request_log_role_at_index" on "request_log" ("role", "at");
create index "request_log_user_id_at_index" on "request_log" ("user_id", "at");
create index "request_log_query_id_at_index" on "request_log" ("query_id", "at");

create table "seen_keys" ("kind" varchar2(32) not null, "scope" varchar2(191) not null, "value" varchar2(191) not null, "first_seen_at" timestamp(3) with time zone not null, primary key ("kind", "scope", "value"));

create table "settings" ("name" varchar2(64) not null, "value" clob not null, primary key ("name"));

create table "traffic_metrics" ("minute" timestamp(3) with time zone not null, "source" varchar2(16) not null, "role" varchar2(128) not null, "query_id" varchar2(64) not null, "rule_key" varchar2(191) not null, "requests" number(10, 0) not null, "records" number(10, 0) not null, "anomalies" number(10, 0) not null, "errors" number(10, 0) not null, "evaluated" number(10, 0) default 0 not null, "enforced" number(10, 0) not null, "would_enforce" number(10, 0) not null, primary key ("minute", "source", "role", "query_id", "rule_key"));

create table "trained_models" ("id" raw(16) not null, "baseline_id" raw(16) not null, "version" number(10, 0) not null, "status" varchar2(16) not null, "features_count" number(10, 0) not null, "records_count" number(10, 0) not null, "learnt_count" number(10, 0) not null, "cause" varchar2(16) null, "created_at" timestamp(3) with time zone not null, "last_updated" timestamp(3) with time zone not null, "model" blob not null, primary key ("id"));
create unique index "trained_models_baseline_id_version_unique" on "trained_models" ("baseline_id", "version");

create table "training_claims" ("baseline_id" raw(16) not null, "holder" raw(16) not null, "expires_at" timestamp(3) with time zone not null, primary key ("baseline_id"));

alter table "kill_switch_rule_audit" add constraint "kill_switch_rule_audit_rule_id_foreign" foreign key ("rule_id") references "kill_switch_rules" ("id");

alter table "historical_data" add constraint "historical_data_query_id_foreign" foreign key ("query_id") references "query_patterns" ("query_id") on delete set null;

alter table "history_blocks" add constraint "history_blocks_shape_baseline_id_foreign" foreign key ("shape_baseline_id") references "historical_data" ("id") on delete cascade;
alter table "history_blocks" add constraint "history_blocks_dataset_baseline_id_foreign" foreign key ("dataset_baseline_id") references "historical_data" ("id") on delete cascade;

alter table "anomaly_analyses" add constraint "anomaly_analyses_query_id_foreign" foreign key ("query_id") references "query_patterns" ("query_id");

alter table "field_statistics" add constraint "field_statistics_analysis_id_foreign" foreign key ("analysis_id") references "anomaly_analyses" ("id") on delete cascade;

alter table "anomaly_records" add constraint "anomaly_records_analysis_id_foreign" foreign key ("analysis_id") references "anomaly_analyses" ("id") on delete cascade;

alter table "anomaly_fields" add constraint "anomaly_fields_record_id_foreign" foreign key ("record_id") references "anomaly_records" ("id") on delete cascade;

alter table "analyst_opinions" add constraint "analyst_opinions_query_id_foreign" foreign key ("query_id") references "query_patterns" ("query_id");

alter table "recommendations" add constraint "recommendations_analysis_id_foreign" foreign key ("analysis_id") references "anomaly_analyses" ("id") on delete cascade;

alter table "request_log" add constraint "request_log_query_id_foreign" foreign key ("query_id") references "query_patterns" ("query_id");

alter table "trained_models" add constraint "trained_models_baseline_id_foreign" foreign key ("baseline_id") references "historical_data" ("id") on delete cascade;

alter table "training_claims" add constraint "training_claims_baseline_id_foreign" foreign key ("baseline_id") references "historical_data" ("id") on delete cascade;
