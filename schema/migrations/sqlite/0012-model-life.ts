import { Migration } from '@mikro-orm/migrations';

/** What labels released, when findings recur, and who trains. */
export class ModelLife extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'alter table `history_blocks` add column `released_by` text null',
  'create index `history_blocks_quarantined_at_index` on `history_blocks` (`quarantined`, `at`)',
  'create index `anomaly_records_pattern_timestamp_index` on `anomaly_records` (`pattern`, `timestamp`)',
  'create table `training_claims` (`baseline_id` text not null primary key, `holder` text not null, `expires_at` datetime not null, constraint `training_claims_baseline_id_foreign` foreign key (`baseline_id`) references `historical_data` (`id`) on update cascade on delete cascade)',
];
