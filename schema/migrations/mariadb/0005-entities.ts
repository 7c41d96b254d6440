import { Migration } from '@mikro-orm/migrations';

/** How many records of a response were new to its caller: what bulk reading is measured by. */
export class Entities extends Migration {
  override up(): void {
    this.addSql('alter table `request_log` add `new_entities` int null');
  }
}
