import { type Clock, DAY, type Instant } from '../domain/time.ts';
import { RETENTION_KINDS, type RetentionCutoffs, type RetentionKind } from './ports/retention.ts';
import type { Store } from './ports/store.ts';

export interface RetentionDays {
  readonly log: number;
  readonly anomalies: number;
  readonly history: number;
  readonly models: number;
}

export function cutoffsAt(now: Instant, days: RetentionDays): RetentionCutoffs {
  return {
    log: now - days.log * DAY,
    anomalies: now - days.anomalies * DAY,
    history: now - days.history * DAY,
    models: now - days.models * DAY,
  };
}

/** Rows per kind and transaction: on SQLite these are a few milliseconds of the event loop. */
const ROWS_PER_STEP = 200;
const MAX_STEPS = 5_000;

/** Deletes what is past its retention, in many short transactions, until nothing is left. */
export async function cleanUp(store: Store, clock: Clock, days: RetentionDays): Promise<Record<RetentionKind, number>> {
  const total = Object.fromEntries(RETENTION_KINDS.map((kind) => [kind, 0])) as Record<RetentionKind, number>;
  const cutoffs = cutoffsAt(clock.now(), days);
  for (let step = 0; step < MAX_STEPS; step++) {
    const deleted = await store.transaction((tx) => tx.retention.deleteBefore(cutoffs, ROWS_PER_STEP));
    for (const kind of RETENTION_KINDS) total[kind] += deleted[kind];
    if (RETENTION_KINDS.every((kind) => deleted[kind] === 0)) break;
  }
  return total;
}
