import { Migration } from '@mikro-orm/migrations';

/** What compiling a kill-switch rule found out: its condition in one spelling, and what it covers. */
export class RuleReach extends Migration {
  override up(): void {
    this.addSql('alter table `kill_switch_rules` add column `normalised_condition` text null');
    this.addSql('alter table `kill_switch_rules` add column `stages` json null');
    this.addSql('alter table `kill_switch_rules` add column `coverage` json null');
    this.addSql('alter table `kill_switch_rules` add column `coverage_warnings` json null');
  }
}
