import { Migration } from '@mikro-orm/migrations';

/** What findings are sorted by: the order of the words is the alphabet's. */
export class SeverityRank extends Migration {
  override up(): void {
    this.addSql('alter table `anomaly_records` add column `severity_rank` integer not null default 0');
    this.addSql(
      "update `anomaly_records` set severity_rank = case severity when 'low' then 1 when 'medium' then 2 when 'high' then 3 when 'critical' then 4 else 0 end",
    );
    this.addSql(
      'create index `anomaly_records_severity_rank_timestamp_index` on `anomaly_records` (`severity_rank`, `timestamp`)',
    );
  }
}
