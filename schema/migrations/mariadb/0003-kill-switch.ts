import { Migration } from '@mikro-orm/migrations';

/** The whole rule model, the instances that enforce it, and the canary of the self-test. */
export class KillSwitch extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'create table `kill_switch_instances` (`id` varchar(36) not null, `name` varchar(191) not null, `environment` varchar(64) null, `started_at` datetime(3) not null, `heartbeat_at` datetime(3) not null, `applied_revision` int not null, `applied_at` datetime(3) not null, `state` varchar(16) not null, `unsupported` json not null, `self_test_at` datetime(3) null, `self_test_ok` tinyint(1) null, primary key (`id`)) default character set utf8mb4 collate utf8mb4_nopad_bin engine = InnoDB',
  'alter table `kill_switch_instances` add index `kill_switch_instances_heartbeat_at_index` (`heartbeat_at`)',
  'alter table `kill_switch_revision` add `canary` varchar(64) null, add `canary_revision` int not null default 0',
  "alter table `kill_switch_rules` add `schedule` json null, add `max_duration_seconds` int null, add `recheck` json null, add `on_error` varchar(16) not null default 'no_match', add `guard` json null, add `environment` varchar(64) null, add `refresh_seconds` int not null default 30, add `ticket` varchar(191) null, add `owner` varchar(191) null, add `tags` json null, add `language_version` int not null default 1, add `emergency` tinyint(1) not null default false, add `dry_run_at` datetime(3) null, add `activated_by` varchar(191) null, add `activated_at` datetime(3) null",
];
