import { Migration } from '@mikro-orm/migrations';

/** Questions to the language model, and its state. */
export class Analyst extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'create table `analyst_status` (`instance` text not null primary key, `state` text not null, `since` datetime not null, `updated_at` datetime not null, `model` text null, `prompt_version` text not null, `queue_length` integer not null, `calls_running` integer not null, `tokens_last_hour` integer not null, `tokens_last_day` integer not null, `cost_last_day` double null, `tokens_per_hour` integer null, `tokens_per_day` integer null, `cost_per_day` double null, `last_call_at` datetime null, `last_fault` text null, `last_fault_message` text null, `retry_at` datetime null)',
  'create table `analyst_opinions` (`id` text not null primary key, `timestamp` datetime not null, `query_id` text not null, `observation_id` text not null, `role` text not null, `reason` text not null, `kinds` json not null, `status` text not null, `message` text null, `anomalies_detected` integer null, `typical` integer null, `summary` text null, `opinion` json null, `draft_condition` text null, `draft_refused` text null, `draft_alert` json null, `model` text not null, `prompt_version` text not null, `prompt_system` text not null, `prompt` text not null, `estimated_tokens` integer not null, `input_tokens` integer not null, `output_tokens` integer not null, `cache_write_tokens` integer not null, `cache_read_tokens` integer not null, `cost` double null, `latency_ms` integer not null, `provider_request_id` text null, constraint `analyst_opinions_query_id_foreign` foreign key (`query_id`) references `query_patterns` (`query_id`))',
  'create index `analyst_opinions_timestamp_index` on `analyst_opinions` (`timestamp`)',
  'create index `analyst_opinions_query_id_index` on `analyst_opinions` (`query_id`)',
  'create index `analyst_opinions_observation_id_index` on `analyst_opinions` (`observation_id`)',
  'create index `analyst_opinions_query_id_timestamp_index` on `analyst_opinions` (`query_id`, `timestamp`)',
];
