import { Migration } from '@mikro-orm/migrations';

/** Questions to the language model, and its state. */
export class Analyst extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'create table `analyst_status` (`instance` varchar(100) not null, `state` varchar(16) not null, `since` datetime(3) not null, `updated_at` datetime(3) not null, `model` varchar(100) null, `prompt_version` varchar(32) not null, `queue_length` int not null, `calls_running` int not null, `tokens_last_hour` int not null, `tokens_last_day` int not null, `cost_last_day` double null, `tokens_per_hour` int null, `tokens_per_day` int null, `cost_per_day` double null, `last_call_at` datetime(3) null, `last_fault` varchar(24) null, `last_fault_message` longtext null, `retry_at` datetime(3) null, primary key (`instance`)) default character set utf8mb4 collate utf8mb4_nopad_bin engine = InnoDB',
  'create table `analyst_opinions` (`id` varchar(36) not null, `timestamp` datetime(3) not null, `query_id` varchar(64) not null, `observation_id` varchar(36) not null, `role` varchar(191) not null, `reason` varchar(16) not null, `kinds` json not null, `status` varchar(24) not null, `message` longtext null, `anomalies_detected` tinyint(1) null, `typical` tinyint(1) null, `summary` longtext null, `opinion` json null, `draft_condition` longtext null, `draft_refused` longtext null, `draft_alert` json null, `model` varchar(100) not null, `prompt_version` varchar(32) not null, `prompt_system` longtext not null, `prompt` longtext not null, `estimated_tokens` int not null, `input_tokens` int not null, `output_tokens` int not null, `cache_write_tokens` int not null, `cache_read_tokens` int not null, `cost` double null, `latency_ms` int not null, `provider_request_id` varchar(100) null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_nopad_bin engine = InnoDB',
  'alter table `analyst_opinions` add index `analyst_opinions_timestamp_index` (`timestamp`)',
  'alter table `analyst_opinions` add index `analyst_opinions_query_id_index` (`query_id`)',
  'alter table `analyst_opinions` add index `analyst_opinions_observation_id_index` (`observation_id`)',
  'alter table `analyst_opinions` add index `analyst_opinions_query_id_timestamp_index` (`query_id`, `timestamp`)',
  'alter table `analyst_opinions` add constraint `analyst_opinions_query_id_foreign` foreign key (`query_id`) references `query_patterns` (`query_id`)',
];
