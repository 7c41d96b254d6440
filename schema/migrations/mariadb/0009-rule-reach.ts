import { Migration } from '@mikro-orm/migrations';

/** What compiling a kill-switch rule found out: its condition in one spelling, and what it covers. */
export class RuleReach extends Migration {
  override up(): void {
    this.addSql(
      'alter table `kill_switch_rules` add `normalised_condition` longtext null, add `stages` json null, add `coverage` json null, add `coverage_warnings` json null',
    );
  }
}
