import { Migration } from '@mikro-orm/migrations';

/** What labels released, when findings recur, and who trains. */
export class ModelLife extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'alter table "history_blocks" add "released_by" uuid null',
  'create index "history_blocks_quarantined_at_index" on "history_blocks" ("quarantined", "at")',
  'create index "anomaly_records_pattern_timestamp_index" on "anomaly_records" ("pattern", "timestamp")',
  'create table "training_claims" ("baseline_id" uuid not null, "holder" uuid not null, "expires_at" timestamptz(3) not null, primary key ("baseline_id"))',
  'alter table "training_claims" add constraint "training_claims_baseline_id_foreign" foreign key ("baseline_id") references "historical_data" ("id") on update cascade on delete cascade',
];
