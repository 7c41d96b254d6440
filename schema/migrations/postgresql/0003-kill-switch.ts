import { Migration } from '@mikro-orm/migrations';

/** The whole rule model, the instances that enforce it, and the canary of the self-test. */
export class KillSwitch extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'create table "kill_switch_instances" ("id" uuid not null, "name" varchar(191) not null, "environment" varchar(64) null, "started_at" timestamptz(3) not null, "heartbeat_at" timestamptz(3) not null, "applied_revision" int not null, "applied_at" timestamptz(3) not null, "state" varchar(16) not null, "unsupported" jsonb not null, "self_test_at" timestamptz(3) null, "self_test_ok" boolean null, primary key ("id"))',
  'create index "kill_switch_instances_heartbeat_at_index" on "kill_switch_instances" ("heartbeat_at")',
  'alter table "kill_switch_revision" add "canary" varchar(64) null, add "canary_revision" int not null default 0',
  `alter table "kill_switch_rules" add "schedule" jsonb null, add "max_duration_seconds" int null, add "recheck" jsonb null, add "on_error" varchar(16) not null default 'no_match', add "guard" jsonb null, add "environment" varchar(64) null, add "refresh_seconds" int not null default 30, add "ticket" varchar(191) null, add "owner" varchar(191) null, add "tags" jsonb null, add "language_version" int not null default 1, add "emergency" boolean not null default false, add "dry_run_at" timestamptz(3) null, add "activated_by" varchar(191) null, add "activated_at" timestamptz(3) null`,
];
