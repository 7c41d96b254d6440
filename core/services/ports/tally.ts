import type { Instant } from '../../domain/time.ts';

/** Counts of one minute and one combination of labels; `ruleKey` is empty in rows about requests. */
export interface TallyRow {
  readonly minute: Instant;
  readonly source: string;
  readonly role: string;
  readonly queryId: string;
  readonly ruleKey: string;
  readonly requests: number;
  readonly records: number;
  readonly anomalies: number;
  readonly errors: number;
  /** Evaluations of the rule; in rows of their own, per hour and over all roles (rule-evaluations). */
  readonly evaluated: number;
  readonly enforced: number;
  readonly wouldEnforce: number;
}

export interface TallyPort {
  /** Adds to what is stored, all rows in one transaction. */
  add(rows: readonly TallyRow[]): Promise<void>;
  /** Whether a failure is about the rows; else the database can't be written now, and the same rows may do later. */
  isRefusal(error: unknown): boolean;
}
