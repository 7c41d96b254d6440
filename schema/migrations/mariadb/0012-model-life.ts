import { Migration } from '@mikro-orm/migrations';

/** What labels released, when findings recur, and who trains. */
export class ModelLife extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'alter table `history_blocks` add `released_by` varchar(36) null',
  'alter table `history_blocks` add index `history_blocks_quarantined_at_index` (`quarantined`, `at`)',
  'alter table `anomaly_records` add index `anomaly_records_pattern_timestamp_index` (`pattern`, `timestamp`)',
  'create table `training_claims` (`baseline_id` varchar(36) not null, `holder` varchar(36) not null, `expires_at` datetime(3) not null, primary key (`baseline_id`)) default character set utf8mb4 collate utf8mb4_nopad_bin engine = InnoDB',
  'alter table `training_claims` add constraint `training_claims_baseline_id_foreign` foreign key (`baseline_id`) references `historical_data` (`id`) on update cascade on delete cascade',
];
