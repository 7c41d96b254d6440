import { Migration } from '@mikro-orm/migrations';

/** What a label of a finding holds for: its repeats. */
export class Labels extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'alter table "anomaly_records" add "pattern" varchar(32) null',
  'create index "anomaly_records_labelled_at_index" on "anomaly_records" ("labelled_at")',
];
