import { Migration } from '@mikro-orm/migrations';

/** What a label of a finding holds for: its repeats. */
export class Labels extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS: readonly string[] = [
  'alter table `anomaly_records` add `pattern` varchar(32) null',
  'alter table `anomaly_records` add index `anomaly_records_labelled_at_index` (`labelled_at`)',
];
