import { Migration } from '@mikro-orm/migrations';

/** The whole rule model, the instances that enforce it, and the canary of the self-test. */
export class KillSwitch extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'create table `kill_switch_instances` (`id` text not null primary key, `name` text not null, `environment` text null, `started_at` datetime not null, `heartbeat_at` datetime not null, `applied_revision` integer not null, `applied_at` datetime not null, `state` text not null, `unsupported` json not null, `self_test_at` datetime null, `self_test_ok` integer null)',
  'create index `kill_switch_instances_heartbeat_at_index` on `kill_switch_instances` (`heartbeat_at`)',
  'alter table `kill_switch_revision` add column `canary` text null',
  'alter table `kill_switch_revision` add column `canary_revision` integer not null default 0',
  'alter table `kill_switch_rules` add column `schedule` json null',
  'alter table `kill_switch_rules` add column `max_duration_seconds` integer null',
  'alter table `kill_switch_rules` add column `recheck` json null',
  "alter table `kill_switch_rules` add column `on_error` text not null default 'no_match'",
  'alter table `kill_switch_rules` add column `guard` json null',
  'alter table `kill_switch_rules` add column `environment` text null',
  'alter table `kill_switch_rules` add column `refresh_seconds` integer not null default 30',
  'alter table `kill_switch_rules` add column `ticket` text null',
  'alter table `kill_switch_rules` add column `owner` text null',
  'alter table `kill_switch_rules` add column `tags` json null',
  'alter table `kill_switch_rules` add column `language_version` integer not null default 1',
  'alter table `kill_switch_rules` add column `emergency` integer not null default false',
  'alter table `kill_switch_rules` add column `dry_run_at` datetime null',
  'alter table `kill_switch_rules` add column `activated_by` text null',
  'alter table `kill_switch_rules` add column `activated_at` datetime null',
];
