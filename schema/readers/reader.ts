import type { QueryRunner } from '../query/query-runner.ts';

/** A runner with connections of its own that can't write. */
export interface Reader extends QueryRunner {
  /** Lets running statements end, refuses new ones. */
  close(): Promise<void>;
}
