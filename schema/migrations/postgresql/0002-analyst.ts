import { Migration } from '@mikro-orm/migrations';

/** Questions to the language model, and its state. */
export class Analyst extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'create table "analyst_status" ("instance" varchar(100) not null, "state" varchar(16) not null, "since" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "model" varchar(100) null, "prompt_version" varchar(32) not null, "queue_length" int not null, "calls_running" int not null, "tokens_last_hour" int not null, "tokens_last_day" int not null, "cost_last_day" double precision null, "tokens_per_hour" int null, "tokens_per_day" int null, "cost_per_day" double precision null, "last_call_at" timestamptz(3) null, "last_fault" varchar(24) null, "last_fault_message" text null, "retry_at" timestamptz(3) null, primary key ("instance"))',
  'create table "analyst_opinions" ("id" uuid not null, "timestamp" timestamptz(3) not null, "query_id" varchar(64) not null, "observation_id" uuid not null, "role" varchar(191) not null, "reason" varchar(16) not null, "kinds" jsonb not null, "status" varchar(24) not null, "message" text null, "anomalies_detected" boolean null, "typical" boolean null, "summary" text null, "opinion" jsonb null, "draft_condition" text null, "draft_refused" text null, "draft_alert" jsonb null, "model" varchar(100) not null, "prompt_version" varchar(32) not null, "prompt_system" text not null, "prompt" text not null, "estimated_tokens" int not null, "input_tokens" int not null, "output_tokens" int not null, "cache_write_tokens" int not null, "cache_read_tokens" int not null, "cost" double precision null, "latency_ms" int not null, "provider_request_id" varchar(100) null, primary key ("id"))',
  'create index "analyst_opinions_timestamp_index" on "analyst_opinions" ("timestamp")',
  'create index "analyst_opinions_observation_id_index" on "analyst_opinions" ("observation_id")',
  'create index "analyst_opinions_query_id_timestamp_index" on "analyst_opinions" ("query_id", "timestamp")',
  'alter table "analyst_opinions" add constraint "analyst_opinions_query_id_foreign" foreign key ("query_id") references "query_patterns" ("query_id")',
];
