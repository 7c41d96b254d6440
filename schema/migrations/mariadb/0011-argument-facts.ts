import { Migration } from '@mikro-orm/migrations';

/** Argument values of requests, for whoever allows them to be kept. */
export class ArgumentFacts extends Migration {
  override up(): void {
    this.addSql('alter table `request_log` add `argument_facts` json null');
  }
}
