import type { TakeRows } from '../query/query-runner.ts';
import { statementTimedOut } from './database-errors.ts';

/** Rows that a reader hands over at once: about a millisecond of work for who takes them. */
export const SLICE_ROWS = 500;

/**
 * Takes the slices of one statement within `timeoutMs` from now, or fails with STATEMENT_TIMEOUT. The time of a statement
 * includes that of its taker: a client that reads slowly, or stops reading, does not keep a connection for longer.
 */
export function takeInTime<R>(onRows: TakeRows<R>, timeoutMs: number): (rows: readonly R[]) => Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  return async (rows) => {
    if (rows.length === 0) return;
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) throw statementTimedOut(timeoutMs);
    const taken = onRows(rows);
    if (!taken) return;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(statementTimedOut(timeoutMs)), leftMs);
    try {
      await Promise.race([taken, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}
