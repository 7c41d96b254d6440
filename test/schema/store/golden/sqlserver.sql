create table [analyst_status] ([instance] nvarchar(100) not null, [state] nvarchar(16) not null, [since] datetime2(3) not null, [updated_at] datetime2(3) not null, [model] nvarchar(100) null, [prompt_version] nvarchar(32) not null, [queue_length] int not null, [calls_running] int not null, [tokens_last_hour] int not null, [tokens_last_day] int not null, [cost_last_day] float(53) null, [tokens_per_hour] int null, [tokens_per_day] int null, [cost_per_day] float(53) null, [last_call_at] datetime2(3) null, [last_fault] nvarchar(24) null, [last_fault_message] nvarchar(max) null, [retry_at] datetime2(3) null, constraint [analyst_status_pkey] primary key ([instance]));

create table [api_tokens] ([id] uniqueidentifier not null, [name] nvarchar(191) not null, [role] nvarchar(16) not null, [token_hash] nvarchar(64) not null, [created_at] datetime2(3) not null, [expires_at] datetime2(3) null, [revoked_at] datetime2(3) null, constraint [api_tokens_pkey] primary key ([id]));
create unique index [api_tokens_name_unique] on [api_tokens] ([name]);
create unique index [api_tokens_token_hash_unique] on [api_tokens] ([token_hash]);

create table [kill_switch_instances] ([id] uniqueidentifier not null, [name] nvarchar(191) not null, [environment] nvarchar(64) null, [started_at] datetime2(3) not null, [heartbeat_at] datetime2(3) not null, [applied_revision] int not null, [applied_at] datetime2(3) not null, [state] nvarchar(16) not null, [unsupported] nvarchar(max) not null, [erroring] nvarchar(max) null, [self_test_at] datetime2(3) null, [self_test_ok] bit null, constraint [kill_switch_instances_pkey] primary key ([id]));
create index [kill_switch_instances_heartbeat_at_index] on [kill_switch_instances] ([heartbeat_at]);

create table [kill_switch_revision] ([id] int not null, [value] int not null, [canary] nvarchar(64) null, [canary_revision] int not null constraint [kill_switch_revision_canary_revision_default] default 0, constraint [kill_switch_revision_pkey] primary key ([id]));

create table [kill_switch_rules] ([id] uniqueidentifier not null, [namespace] nvarchar(64) not null, [key] nvarchar(64) not null, [description] nvarchar(max) null, [reason] nvarchar(max) null, [condition] nvarchar(max) not null, [except_condition] nvarchar(max) null, [normalised_condition] nvarchar(max) null, [stages] nvarchar(max) null, [coverage] nvarchar(max) null, [coverage_warnings] nvarchar(max) null, [action_type] nvarchar(16) not null, [action] nvarchar(max) not null, [priority] int not null, [status] nvarchar(16) not null, [valid_from] datetime2(3) null, [valid_to] datetime2(3) null, [schedule] nvarchar(max) null, [max_duration_seconds] int null, [recheck] nvarchar(max) null, [on_error] nvarchar(16) not null constraint [kill_switch_rules_on_error_default] default 'no_match', [guard] nvarchar(max) null, [environment] nvarchar(64) null, [refresh_seconds] int not null constraint [kill_switch_rules_refresh_seconds_default] default 30, [ticket] nvarchar(191) null, [owner] nvarchar(191) null, [tags] nvarchar(max) null, [language_version] int not null constraint [kill_switch_rules_language_version_default] default 1, [emergency] bit not null constraint [kill_switch_rules_emergency_default] default 0, [dry_run_at] datetime2(3) null, [origin] nvarchar(191) not null, [revision] int not null, [created_by] nvarchar(191) not null, [created_at] datetime2(3) not null, [updated_by] nvarchar(191) not null, [updated_at] datetime2(3) not null, [activated_by] nvarchar(191) null, [activated_at] datetime2(3) null, constraint [kill_switch_rules_pkey] primary key ([id]));
create index [kill_switch_rules_revision_index] on [kill_switch_rules] ([revision]);
create unique index [kill_switch_rules_namespace_key_unique] on [kill_switch_rules] ([namespace], [key]);

create table [kill_switch_rule_audit] ([id] uniqueidentifier not null, [rule_id] uniqueidentifier not null, [at] datetime2(3) not null, [actor] nvarchar(191) not null, [surface] nvarchar(16) not null, [change] nvarchar(16) not null, [reason] nvarchar(max) null, [revision] int not null, [before] nvarchar(max) null, [after] nvarchar(max) not null, constraint [kill_switch_rule_audit_pkey] primary key ([id]));
create index [kill_switch_rule_audit_at_index] on [kill_switch_rule_audit] ([at]);

create table [query_patterns] ([query_id] nvarchar(64) not null, [query_hash] nvarchar(32) not null, [source] nvarchar(16) not null, [operation_name] nvarchar(255) null, [operation_type] nvarchar(16) not null, [query_text] nvarchar(max) not null, [root_fields] nvarchar(max) not null, [fields] nvarchar(max) not null, [query_length] int not null, [depth] int not null, [field_count] int not null, [argument_count] int not null, [variable_count] int not null, [alias_count] int not null, [has_pagination] bit not null, [has_filtering] bit not null, [has_sorting] bit not null, [introspection] bit not null, [complexity_score] float(53) not null, [created_at] datetime2(3) not null, constraint [query_patterns_pkey] primary key ([query_id]));
create index [query_patterns_query_hash_index] on [query_patterns] ([query_hash]);

create table [historical_data] ([id] uniqueidentifier not null, [baseline_key] nvarchar(64) not null, [source] nvarchar(16) not null, [query_id] nvarchar(64) null, [dataset] nvarchar(255) not null, [scope] nvarchar(191) not null, [record_count] int not null, [created_at] datetime2(3) not null, [last_updated] datetime2(3) not null, constraint [historical_data_pkey] primary key ([id]));
create unique index [historical_data_baseline_key_unique] on [historical_data] ([baseline_key]);

create table [history_blocks] ([id] uniqueidentifier not null, [observation_id] uniqueidentifier not null, [at] datetime2(3) not null, [shape_baseline_id] uniqueidentifier not null, [dataset_baseline_id] uniqueidentifier not null, [quarantined] bit not null, [released_by] uniqueidentifier null, [best_priority] float(53) not null, [record_count] int not null, [records] nvarchar(max) not null, [raw] nvarchar(max) null, constraint [history_blocks_pkey] primary key ([id]));
create index [history_blocks_observation_id_index] on [history_blocks] ([observation_id]);
create index [history_blocks_shape_baseline_id_quarantined_best_priority_index] on [history_blocks] ([shape_baseline_id], [quarantined], [best_priority]);
create index [history_blocks_dataset_baseline_id_quarantined_best_priority_index] on [history_blocks] ([dataset_baseline_id], [quarantined], [best_priority]);
create index [history_blocks_quarantined_at_index] on [history_blocks] ([quarantined], [at]);

create table [anomaly_analyses] ([id] uniqueidentifier not null, [observation_id] uniqueidentifier not null, [timestamp] datetime2(3) not null, [query_id] nvarchar(64) not null, [query_hash] nvarchar(32) not null, [source] nvarchar(16) not null, [dataset] nvarchar(255) null, [operation_name] nvarchar(255) null, [role] nvarchar(191) not null, [user_id] nvarchar(191) null, [trace_id] nvarchar(64) null, [request_id] nvarchar(255) null, [processed_records] int not null, [anomalous_records_count] int not null, [historical_data_size] int not null, [analysis_mode] nvarchar(16) not null, [baseline] nvarchar(16) not null, [model_version] int null, [anomalies_detected] bit not null, [status] nvarchar(16) not null, constraint [anomaly_analyses_pkey] primary key ([id]));
create index [anomaly_analyses_observation_id_index] on [anomaly_analyses] ([observation_id]);
create index [anomaly_analyses_timestamp_index] on [anomaly_analyses] ([timestamp]);
create index [anomaly_analyses_query_hash_index] on [anomaly_analyses] ([query_hash]);
create index [anomaly_analyses_trace_id_index] on [anomaly_analyses] ([trace_id]);
create index [anomaly_analyses_role_timestamp_index] on [anomaly_analyses] ([role], [timestamp]);
create index [anomaly_analyses_user_id_timestamp_index] on [anomaly_analyses] ([user_id], [timestamp]);

create table [field_statistics] ([id] uniqueidentifier not null, [analysis_id] uniqueidentifier not null, [field_name] nvarchar(255) not null, [field_type] nvarchar(50) not null, [record_count] int not null, [null_count] int not null, [missing_count] int not null, [unique_count] int not null, [uniqueness_ratio] float(53) not null, [avg_length] float(53) null, [min_value] float(53) null, [max_value] float(53) null, [mean_value] float(53) null, [median_value] float(53) null, [std_dev] float(53) null, [top_values] nvarchar(max) not null, constraint [field_statistics_pkey] primary key ([id]));

create table [anomaly_records] ([id] uniqueidentifier not null, [analysis_id] uniqueidentifier not null, [timestamp] datetime2(3) not null, [kind] nvarchar(32) not null, [category] nvarchar(100) not null, [severity] nvarchar(16) not null, [severity_rank] int not null constraint [anomaly_records_severity_rank_default] default 0, [risk_level] nvarchar(16) not null, [dataset] nvarchar(255) null, [record_index] int not null, [pattern] nvarchar(32) null, [reason] nvarchar(max) not null, [score] float(53) null, [p_value] float(53) null, [label] nvarchar(16) null, [labelled_by] nvarchar(191) null, [labelled_at] datetime2(3) null, [note] nvarchar(max) null, [acknowledged_by] nvarchar(191) null, [acknowledged_at] datetime2(3) null, constraint [anomaly_records_pkey] primary key ([id]));
create index [anomaly_records_timestamp_index] on [anomaly_records] ([timestamp]);
create index [anomaly_records_labelled_at_index] on [anomaly_records] ([labelled_at]);
create index [anomaly_records_kind_timestamp_index] on [anomaly_records] ([kind], [timestamp]);
create index [anomaly_records_severity_timestamp_index] on [anomaly_records] ([severity], [timestamp]);
create index [anomaly_records_severity_rank_timestamp_index] on [anomaly_records] ([severity_rank], [timestamp]);
create index [anomaly_records_pattern_timestamp_index] on [anomaly_records] ([pattern], [timestamp]);

create table [anomaly_fields] ([id] uniqueidentifier not null, [record_id] uniqueidentifier not null, [rank] int not null, [field_name] nvarchar(255) not null, [value] nvarchar(max) null, [contribution] float(53) not null, [tail_probability] float(53) not null, [usual_low] float(53) null, [usual_median] float(53) null, [usual_high] float(53) null, [frequency] float(53) null, [description] nvarchar(max) not null, constraint [anomaly_fields_pkey] primary key ([id]));

create table [analyst_opinions] ([id] uniqueidentifier not null, [timestamp] datetime2(3) not null, [query_id] nvarchar(64) not null, [observation_id] uniqueidentifier not null, [role] nvarchar(191) not null, [reason] nvarchar(16) not null, [kinds] nvarchar(max) not null, [status] nvarchar(24) not null, [message] nvarchar(max) null, [anomalies_detected] bit null, [typical] bit null, [summary] nvarchar(max) null, [opinion] nvarchar(max) null, [draft_condition] nvarchar(max) null, [draft_refused] nvarchar(max) null, [draft_alert] nvarchar(max) null, [model] nvarchar(100) not null, [prompt_version] nvarchar(32) not null, [prompt_system] nvarchar(max) not null, [prompt] nvarchar(max) not null, [estimated_tokens] int not null, [input_tokens] int not null, [output_tokens] int not null, [cache_write_tokens] int not null, [cache_read_tokens] int not null, [cost] float(53) null, [latency_ms] int not null, [provider_request_id] nvarchar(100) null, constraint [analyst_opinions_pkey] primary key ([id]));
create index [analyst_opinions_timestamp_index] on [analyst_opinions] ([timestamp]);
create index [analyst_opinions_observation_id_index] on [analyst_opinions] ([observation_id]);
create index [analyst_opinions_query_id_timestamp_index] on [analyst_opinions] ([query_id], [timestamp]);

create table [recommendations] ([id] uniqueidentifier not null, [analysis_id] uniqueidentifier not null, [description] nvarchar(max) not null, constraint [recommendations_pkey] primary key ([id]));

create table [request_log] ([id] uniqueidentifier not null, [at] datetime2(3) not null, [hook] nvarchar(32) not null, [source] nvarchar(16) not null, [delivery_key] nvarchar(64) not null, [trace_id] nvarchar(64) null, [request_id] nvarchar(255) null, [role] nvarchar(191) not null, [user_id] nvarchar(191) null, [operation_name] nvarchar(255) null, [query_id] nvarchar(64) not null, [argument_paths] nvarchar(max) not null, [argument_facts] nvarchar(max) null, [record_count] int not null, [new_entities] int null, [error_count] int not null, [verdict] nvarchar(16) not null, [rule_key] nvarchar(191) null, [anomalous] bit not null, constraint [request_log_pkey] primary key ([id]));
create index [request_log_at_index] on [request_log] ([at]);
create unique index [request_log_delivery_key_unique] on [request_log] ([delivery_key]);
create index [request_log_trace_id_index] on [request_log] ([trace_id]);
create index [request_log_role_at_index] on [request_log] ([role], [at]);
create index [request_log_user_id_at_index] on [request_log] ([user_id], [at]);
create index [request_log_query_id_at_index] on [request_log] ([query_id], [at]);

create table [seen_keys] ([kind] nvarchar(32) not null, [scope] nvarchar(191) not null, [value] nvarchar(191) not null, [first_seen_at] datetime2(3) not null, constraint [seen_keys_pkey] primary key ([kind], [scope], [value]));

create table [settings] ([name] nvarchar(64) not null, [value] nvarchar(max) not null, constraint [settings_pkey] primary key ([name]));

create table [traffic_metrics] ([minute] datetime2(3) not null, [source] nvarchar(16) not null, [role] nvarchar(128) not null, [query_id] nvarchar(64) not null, [rule_key] nvarchar(191) not null, [requests] int not null, [records] int not null, [anomalies] int not null, [errors] int not null, [evaluated] int not null constraint [traffic_metrics_evaluated_default] default 0, [enforced] int not null, [would_enforce] int not null, constraint [traffic_metrics_pkey] primary key ([minute], [source], [role], [query_id], [rule_key]));

create table [trained_models] ([id] uniqueidentifier not null, [baseline_id] uniqueidentifier not null, [version] int not null, [status] nvarchar(16) not null, [features_count] int not null, [records_count] int not null, [learnt_count] int not null, [cause] nvarchar(16) null, [created_at] datetime2(3) not null, [last_updated] datetime2(3) not null, [model] varbinary(max) not null, constraint [trained_models_pkey] primary key ([id]));
create unique index [trained_models_baseline_id_version_unique] on [trained_models] ([baseline_id], [version]);

create table [training_claims] ([baseline_id] uniqueidentifier not null, [holder] uniqueidentifier not null, [expires_at] datetime2(3) not null, constraint [training_claims_pkey] primary key ([baseline_id]));

alter table [kill_switch_rule_audit] add constraint [kill_switch_rule_audit_rule_id_foreign] foreign key ([rule_id]) references [kill_switch_rules] ([id]);

alter table [historical_data] add constraint [historical_data_query_id_foreign] foreign key ([query_id]) references [query_patterns] ([query_id]) on delete set null;

alter table [history_blocks] add constraint [history_blocks_shape_baseline_id_foreign] foreign key ([shape_baseline_id]) references [historical_data] ([id]) on delete cascade;
alter table [history_blocks] add constraint [history_blocks_dataset_baseline_id_foreign] foreign key ([dataset_baseline_id]) references [historical_data] ([id]) on delete cascade;

alter table [anomaly_analyses] add constraint [anomaly_analyses_query_id_foreign] foreign key ([query_id]) references [query_patterns] ([query_id]);

alter table [field_statistics] add constraint [field_statistics_analysis_id_foreign] foreign key ([analysis_id]) references [anomaly_analyses] ([id]) on delete cascade;

alter table [anomaly_records] add constraint [anomaly_records_analysis_id_foreign] foreign key ([analysis_id]) references [anomaly_analyses] ([id]) on delete cascade;

alter table [anomaly_fields] add constraint [anomaly_fields_record_id_foreign] foreign key ([record_id]) references [anomaly_records] ([id]) on delete cascade;

alter table [analyst_opinions] add constraint [analyst_opinions_query_id_foreign] foreign key ([query_id]) references [query_patterns] ([query_id]);

alter table [recommendations] add constraint [recommendations_analysis_id_foreign] foreign key ([analysis_id]) references [anomaly_analyses] ([id]) on delete cascade;

alter table [request_log] add constraint [request_log_query_id_foreign] foreign key ([query_id]) references [query_patterns] ([query_id]);

alter table [trained_models] add constraint [trained_models_baseline_id_foreign] foreign key ([baseline_id]) references [historical_data] ([id]) on delete cascade;

alter table [training_claims] add constraint [training_claims_baseline_id_foreign] foreign key ([baseline_id]) references [historical_data] ([id]) on update cascade on delete cascade;
