create table `analyst_status` (`instance` varchar(100) not null, `state` varchar(16) not null, `since` datetime(3) not null, `updated_at` datetime(3) not null, `model` varchar(100) null, `prompt_version` varchar(32) not null, `queue_length` int not null, `calls_running` int not null, `tokens_last_hour` int not null, `tokens_last_day` int not null, `cost_last_day` double null, `tokens_per_hour` int null, `tokens_per_day` int null, `cost_per_day` double null, `last_call_at` datetime(3) null, `last_fault` varchar(24) null, `last_fault_message` longtext null, `retry_at` datetime(3) null, primary key (`instance`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;

create table `api_tokens` (`id` varchar(36) not null, `name` varchar(191) not null, `role` varchar(16) not null, `token_hash` varchar(64) not null, `created_at` datetime(3) not null, `expires_at` datetime(3) null, `revoked_at` datetime(3) null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `api_tokens` add unique `api_tokens_name_unique` (`name`);
alter table `api_tokens` add unique `api_tokens_token_hash_unique` (`token_hash`);

create table `kill_switch_instances` (`id` varchar(36) not null, `name` varchar(191) not null, `environment` varchar(64) null, `started_at` datetime(3) not null, `heartbeat_at` datetime(3) not null, `applied_revision` int not null, `applied_at` datetime(3) not null, `state` varchar(16) not null, `unsupported` json not null, `erroring` json null, `self_test_at` datetime(3) null, `self_test_ok` tinyint(1) null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `kill_switch_instances` add index `kill_switch_instances_heartbeat_at_index` (`heartbeat_at`);

create table `kill_switch_revision` (`id` int unsigned not null, `value` int not null, `canary` varchar(64) null, `canary_revision` int not null default 0, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;

create table `kill_switch_rules` (`id` varchar(36) not null, `namespace` varchar(64) not null, `key` varchar(64) not null, `description` longtext null, `reason` longtext null, `condition` longtext not null, `except_condition` longtext null, `normalised_condition` longtext null, `stages` json null, `coverage` json null, `coverage_warnings` json null, `action_type` varchar(16) not null, `action` json not null, `priority` int not null, `status` varchar(16) not null, `valid_from` datetime(3) null, `valid_to` datetime(3) null, `schedule` json null, `max_duration_seconds` int null, `recheck` json null, `on_error` varchar(16) not null default 'no_match', `guard` json null, `environment` varchar(64) null, `refresh_seconds` int not null default 30, `ticket` varchar(191) null, `owner` varchar(191) null, `tags` json null, `language_version` int not null default 1, `emergency` tinyint(1) not null default false, `dry_run_at` datetime(3) null, `origin` varchar(191) not null, `revision` int not null, `created_by` varchar(191) not null, `created_at` datetime(3) not null, `updated_by` varchar(191) not null, `updated_at` datetime(3) not null, `activated_by` varchar(191) null, `activated_at` datetime(3) null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `kill_switch_rules` add index `kill_switch_rules_revision_index` (`revision`);
alter table `kill_switch_rules` add unique `kill_switch_rules_namespace_key_unique` (`namespace`, `key`);

create table `kill_switch_rule_audit` (`id` varchar(36) not null, `rule_id` varchar(36) not null, `at` datetime(3) not null, `actor` varchar(191) not null, `surface` varchar(16) not null, `change` varchar(16) not null, `reason` longtext null, `revision` int not null, `before` json null, `after` json not null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `kill_switch_rule_audit` add index `kill_switch_rule_audit_rule_id_index` (`rule_id`);
alter table `kill_switch_rule_audit` add index `kill_switch_rule_audit_at_index` (`at`);

create table `query_patterns` (`query_id` varchar(64) not null, `query_hash` varchar(32) not null, `source` varchar(16) not null, `operation_name` varchar(255) null, `operation_type` varchar(16) not null, `query_text` longtext not null, `root_fields` json not null, `fields` json not null, `query_length` int not null, `depth` int not null, `field_count` int not null, `argument_count` int not null, `variable_count` int not null, `alias_count` int not null, `has_pagination` tinyint(1) not null, `has_filtering` tinyint(1) not null, `has_sorting` tinyint(1) not null, `introspection` tinyint(1) not null, `complexity_score` double not null, `created_at` datetime(3) not null, primary key (`query_id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `query_patterns` add index `query_patterns_query_hash_index` (`query_hash`);

create table `historical_data` (`id` varchar(36) not null, `baseline_key` varchar(64) not null, `source` varchar(16) not null, `query_id` varchar(64) null, `dataset` varchar(255) not null, `scope` varchar(191) not null, `record_count` int not null, `created_at` datetime(3) not null, `last_updated` datetime(3) not null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `historical_data` add unique `historical_data_baseline_key_unique` (`baseline_key`);
alter table `historical_data` add index `historical_data_query_id_index` (`query_id`);

create table `history_blocks` (`id` varchar(36) not null, `observation_id` varchar(36) not null, `at` datetime(3) not null, `shape_baseline_id` varchar(36) not null, `dataset_baseline_id` varchar(36) not null, `quarantined` tinyint(1) not null, `released_by` varchar(36) null, `best_priority` double not null, `record_count` int not null, `records` json not null, `raw` json null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `history_blocks` add index `history_blocks_observation_id_index` (`observation_id`);
alter table `history_blocks` add index `history_blocks_shape_baseline_id_quarantined_best_priority_index` (`shape_baseline_id`, `quarantined`, `best_priority`);
alter table `history_blocks` add index `history_blocks_dataset_baseline_id_quarantined_best_803f2_index` (`dataset_baseline_id`, `quarantined`, `best_priority`);
alter table `history_blocks` add index `history_blocks_quarantined_at_index` (`quarantined`, `at`);

create table `anomaly_analyses` (`id` varchar(36) not null, `observation_id` varchar(36) not null, `timestamp` datetime(3) not null, `query_id` varchar(64) not null, `query_hash` varchar(32) not null, `source` varchar(16) not null, `dataset` varchar(255) null, `operation_name` varchar(255) null, `role` varchar(191) not null, `user_id` varchar(191) null, `trace_id` varchar(64) null, `request_id` varchar(255) null, `processed_records` int not null, `anomalous_records_count` int not null, `historical_data_size` int not null, `analysis_mode` varchar(16) not null, `baseline` varchar(16) not null, `model_version` int null, `anomalies_detected` tinyint(1) not null, `status` varchar(16) not null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `anomaly_analyses` add index `anomaly_analyses_observation_id_index` (`observation_id`);
alter table `anomaly_analyses` add index `anomaly_analyses_timestamp_index` (`timestamp`);
alter table `anomaly_analyses` add index `anomaly_analyses_query_id_index` (`query_id`);
alter table `anomaly_analyses` add index `anomaly_analyses_query_hash_index` (`query_hash`);
alter table `anomaly_analyses` add index `anomaly_analyses_trace_id_index` (`trace_id`);
alter table `anomaly_analyses` add index `anomaly_analyses_role_timestamp_index` (`role`, `timestamp`);
alter table `anomaly_analyses` add index `anomaly_analyses_user_id_timestamp_index` (`user_id`, `timestamp`);

create table `field_statistics` (`id` varchar(36) not null, `analysis_id` varchar(36) not null, `field_name` varchar(255) not null, `field_type` varchar(50) not null, `record_count` int not null, `null_count` int not null, `missing_count` int not null, `unique_count` int not null, `uniqueness_ratio` double not null, `avg_length` double null, `min_value` double null, `max_value` double null, `mean_value` double null, `median_value` double null, `std_dev` double null, `top_values` json not null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `field_statistics` add index `field_statistics_analysis_id_index` (`analysis_id`);

create table `anomaly_records` (`id` varchar(36) not null, `analysis_id` varchar(36) not null, `timestamp` datetime(3) not null, `kind` varchar(32) not null, `category` varchar(100) not null, `severity` varchar(16) not null, `severity_rank` int not null default 0, `risk_level` varchar(16) not null, `dataset` varchar(255) null, `record_index` int not null, `pattern` varchar(32) null, `reason` longtext not null, `score` double null, `p_value` double null, `label` varchar(16) null, `labelled_by` varchar(191) null, `labelled_at` datetime(3) null, `note` longtext null, `acknowledged_by` varchar(191) null, `acknowledged_at` datetime(3) null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `anomaly_records` add index `anomaly_records_analysis_id_index` (`analysis_id`);
alter table `anomaly_records` add index `anomaly_records_timestamp_index` (`timestamp`);
alter table `anomaly_records` add index `anomaly_records_labelled_at_index` (`labelled_at`);
alter table `anomaly_records` add index `anomaly_records_kind_timestamp_index` (`kind`, `timestamp`);
alter table `anomaly_records` add index `anomaly_records_severity_timestamp_index` (`severity`, `timestamp`);
alter table `anomaly_records` add index `anomaly_records_severity_rank_timestamp_index` (`severity_rank`, `timestamp`);
alter table `anomaly_records` add index `anomaly_records_pattern_timestamp_index` (`pattern`, `timestamp`);

create table `anomaly_fields` (`id` varchar(36) not null, `record_id` varchar(36) not null, `rank` int not null, `field_name` varchar(255) not null, `value` longtext null, `contribution` double not null, `tail_probability` double not null, `usual_low` double null, `usual_median` double null, `usual_high` double null, `frequency` double null, `description` longtext not null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `anomaly_fields` add index `anomaly_fields_record_id_index` (`record_id`);

create table `analyst_opinions` (`id` varchar(36) not null, `timestamp` datetime(3) not null, `query_id` varchar(64) not null, `observation_id` varchar(36) not null, `role` varchar(191) not null, `reason` varchar(16) not null, `kinds` json not null, `status` varchar(24) not null, `message` longtext null, `anomalies_detected` tinyint(1) null, `typical` tinyint(1) null, `summary` longtext null, `opinion` json null, `draft_condition` longtext null, `draft_refused` longtext null, `draft_alert` json null, `model` varchar(100) not null, `prompt_version` varchar(32) not null, `prompt_system` longtext not null, `prompt` longtext not null, `estimated_tokens` int not null, `input_tokens` int not null, `output_tokens` int not null, `cache_write_tokens` int not null, `cache_read_tokens` int not null, `cost` double null, `latency_ms` int not null, `provider_request_id` varchar(100) null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `analyst_opinions` add index `analyst_opinions_timestamp_index` (`timestamp`);
alter table `analyst_opinions` add index `analyst_opinions_query_id_index` (`query_id`);
alter table `analyst_opinions` add index `analyst_opinions_observation_id_index` (`observation_id`);
alter table `analyst_opinions` add index `analyst_opinions_query_id_timestamp_index` (`query_id`, `timestamp`);

create table `recommendations` (`id` varchar(36) not null, `analysis_id` varchar(36) not null, `description` longtext not null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `recommendations` add index `recommendations_analysis_id_index` (`analysis_id`);

create table `request_log` (`id` varchar(36) not null, `at` datetime(3) not null, `hook` varchar(32) not null, `source` varchar(16) not null, `delivery_key` varchar(64) not null, `trace_id` varchar(64) null, `request_id` varchar(255) null, `role` varchar(191) not null, `user_id` varchar(191) null, `operation_name` varchar(255) null, `query_id` varchar(64) not null, `argument_paths` json not null, `argument_facts` json null, `record_count` int not null, `new_entities` int null, `error_count` int not null, `verdict` varchar(16) not null, `rule_key` varchar(191) null, `anomalous` tinyint(1) not null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `request_log` add index `request_log_at_index` (`at`);
alter table `request_log` add unique `request_log_delivery_key_unique` (`delivery_key`);
alter table `request_log` add index `request_log_trace_id_index` (`trace_id`);
alter table `request_log` add index `request_log_role_at_index` (`role`, `at`);
alter table `request_log` add index `request_log_user_id_at_index` (`user_id`, `at`);
alter table `request_log` add index `request_log_query_id_at_index` (`query_id`, `at`);

create table `seen_keys` (`kind` varchar(32) not null, `scope` varchar(191) not null, `value` varchar(191) not null, `first_seen_at` datetime(3) not null, primary key (`kind`, `scope`, `value`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;

create table `settings` (`name` varchar(64) not null, `value` longtext not null, primary key (`name`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;

create table `traffic_metrics` (`minute` datetime(3) not null, `source` varchar(16) not null, `role` varchar(128) not null, `query_id` varchar(64) not null, `rule_key` varchar(191) not null, `requests` int not null, `records` int not null, `anomalies` int not null, `errors` int not null, `evaluated` int not null default 0, `enforced` int not null, `would_enforce` int not null, primary key (`minute`, `source`, `role`, `query_id`, `rule_key`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;

create table `trained_models` (`id` varchar(36) not null, `baseline_id` varchar(36) not null, `version` int not null, `status` varchar(16) not null, `features_count` int not null, `records_count` int not null, `learnt_count` int not null, `cause` varchar(16) null, `created_at` datetime(3) not null, `last_updated` datetime(3) not null, `model` longblob not null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;
alter table `trained_models` add unique `trained_models_baseline_id_version_unique` (`baseline_id`, `version`);

create table `training_claims` (`baseline_id` varchar(36) not null, `holder` varchar(36) not null, `expires_at` datetime(3) not null, primary key (`baseline_id`)) default character set utf8mb4 collate utf8mb4_0900_bin engine = InnoDB;

alter table `kill_switch_rule_audit` add constraint `kill_switch_rule_audit_rule_id_foreign` foreign key (`rule_id`) references `kill_switch_rules` (`id`);

alter table `historical_data` add constraint `historical_data_query_id_foreign` foreign key (`query_id`) references `query_patterns` (`query_id`) on delete set null;

alter table `history_blocks` add constraint `history_blocks_shape_baseline_id_foreign` foreign key (`shape_baseline_id`) references `historical_data` (`id`) on delete cascade;
alter table `history_blocks` add constraint `history_blocks_dataset_baseline_id_foreign` foreign key (`dataset_baseline_id`) references `historical_data` (`id`) on delete cascade;

alter table `anomaly_analyses` add constraint `anomaly_analyses_query_id_foreign` foreign key (`query_id`) references `query_patterns` (`query_id`);

alter table `field_statistics` add constraint `field_statistics_analysis_id_foreign` foreign key (`analysis_id`) references `anomaly_analyses` (`id`) on delete cascade;

alter table `anomaly_records` add constraint `anomaly_records_analysis_id_foreign` foreign key (`analysis_id`) references `anomaly_analyses` (`id`) on delete cascade;

alter table `anomaly_fields` add constraint `anomaly_fields_record_id_foreign` foreign key (`record_id`) references `anomaly_records` (`id`) on delete cascade;

alter table `analyst_opinions` add constraint `analyst_opinions_query_id_foreign` foreign key (`query_id`) references `query_patterns` (`query_id`);

alter table `recommendations` add constraint `recommendations_analysis_id_foreign` foreign key (`analysis_id`) references `anomaly_analyses` (`id`) on delete cascade;

alter table `request_log` add constraint `request_log_query_id_foreign` foreign key (`query_id`) references `query_patterns` (`query_id`);

alter table `trained_models` add constraint `trained_models_baseline_id_foreign` foreign key (`baseline_id`) references `historical_data` (`id`) on delete cascade;

alter table `training_claims` add constraint `training_claims_baseline_id_foreign` foreign key (`baseline_id`) references `historical_data` (`id`) on update cascade on delete cascade;
