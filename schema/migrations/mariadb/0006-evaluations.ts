import { Migration } from '@mikro-orm/migrations';

/** How often each kill-switch rule was evaluated. */
export class Evaluations extends Migration {
  override up(): void {
    this.addSql('alter table `traffic_metrics` add `evaluated` int not null default 0');
  }
}
