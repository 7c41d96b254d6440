import type { Instant } from '../../../domain/time.ts';
import { independentCount } from '../../statistics/clustering.ts';
import { correlationOf } from '../../statistics/correlations.ts';

/** Fewer independent values than this are not a distribution. */
const MIN_INDEPENDENT = 30;
/** Share of the variance from which on a line through the times of the queries explains a column. */
const EXPLAINED_BY_LINE = 0.75;

/**
 * Whether the times of a column (`values[i]`, as instants or ages, NaN where there is none) are known well enough to judge
 * others by. Not where each response stands at a time of its own: two responses of fifty records are two times. Nor where
 * they move on at a pace of their own, as a job does that works through old orders: then neither the instant nor the age of
 * the next one was ever seen.
 */
export function areTimesLearnt(values: Float64Array, times: readonly Instant[], groups: ArrayLike<number>): boolean {
  const data = Float64Array.from({ length: 2 * values.length }, (_, i) =>
    i % 2 === 0 ? (values[i / 2] as number) : (times[(i - 1) / 2] as Instant),
  );
  const line = correlationOf({ rows: values.length, columns: 2, data }, 0, 1);
  if (line !== undefined && line.r ** 2 > EXPLAINED_BY_LINE) return false;
  return independentCount(values, groups) >= MIN_INDEPENDENT;
}
