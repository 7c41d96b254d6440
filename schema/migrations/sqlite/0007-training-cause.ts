import { Migration } from '@mikro-orm/migrations';

/** Why a version of a model was trained. */
export class TrainingCause extends Migration {
  override up(): void {
    this.addSql('alter table `trained_models` add column `cause` text null');
  }
}
