import type { Instant } from '../../domain/time.ts';

/** Before which event time each kind of data goes. */
export interface RetentionCutoffs {
  readonly log: Instant;
  readonly anomalies: Instant;
  readonly history: Instant;
  readonly models: Instant;
}

export interface RetentionRepository {
  /**
   * Deletes at most `limit` rows per kind, oldest first, and what hangs on them; returns how many of each went. Zero
   * everywhere means that nothing is left to delete.
   */
  deleteBefore(cutoffs: RetentionCutoffs, limit: number): Promise<Readonly<Record<RetentionKind, number>>>;
}

export const RETENTION_KINDS = [
  'requests',
  'traffic_counts',
  'anomalies',
  'baselines',
  'models',
  'samples',
  'query_shapes',
] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];
