import { createHash } from 'node:crypto';
import type { Observation } from './observation.ts';
import type { QueryId, Source } from './query-shape.ts';

/**
 * What "usual" is measured against: the ladder of design D12. `queryId` null is the lower rung, (dataset, scope) over
 * all shapes; so ad-hoc shapes that are seen once still meet a baseline.
 */
export interface Baseline {
  /** SHA-256 of the fields below, hex: the identity in storage and of the model's seed. */
  readonly key: string;
  readonly source: Source;
  readonly queryId: QueryId | null;
  readonly dataset: string;
  /** The role today; text, so that a tenant can join it. */
  readonly scope: string;
}

export interface BaselineLadder {
  readonly shape: Baseline;
  readonly dataset: Baseline;
}

export function ladderOf(observation: Observation, dataset: string): BaselineLadder {
  const { source, shape, principal } = observation;
  return {
    shape: baselineOf(source, shape.id, dataset, principal.role),
    dataset: baselineOf(source, null, dataset, principal.role),
  };
}

export function baselineOf(source: Source, queryId: QueryId | null, dataset: string, scope: string): Baseline {
  const key = createHash('sha256')
    .update(JSON.stringify([source, queryId, dataset, scope]))
    .digest('hex');
  return { key, source, queryId, dataset, scope };
}
