import { Migration } from '@mikro-orm/migrations';

/** Which rules fail too often in each process. */
export class ErroringRules extends Migration {
  override up(): void {
    this.addSql('alter table `kill_switch_instances` add `erroring` json null');
  }
}
