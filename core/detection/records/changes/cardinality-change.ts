import type { Cardinality } from '../features/cardinality.ts';
import { equalPairs } from '../features/cardinality.ts';
import type { CellFeature } from '../features/cell-features.ts';
import { effectiveCount } from '../../statistics/clustering.ts';
import { MIN_COMPARED } from './column-change.ts';
import type { ColumnChange } from './column-change.ts';
import { CATEGORY_READERS } from '../features/column-features.ts';
import { formatNumber, formatShare } from '../features/number-text.ts';

/** Certainty alone is not enough to bother a person: the share of equal pairs must move by this much. */
const MIN_CHANGE = 0.3;

/**
 * Whether values of a column repeat otherwise than they used to: one key in all records, or as many as there are records
 * where few were usual. The bound is Hoeffding's for U-statistics of pairs (1963), P(|U − θ| ≥ t) ≤ 2·exp(−2⌊n/2⌋t²).
 */
export function cardinalityChange(
  path: string,
  { repetition, records, clustering }: Cardinality,
  cells: readonly CellFeature[],
): ColumnChange | undefined {
  const values = cells.map((cell) => CATEGORY_READERS.value(cell)).filter((value) => value !== undefined);
  if (values.length < MIN_COMPARED) return undefined;
  const { equal, distinct } = equalPairs(values);
  const now = equal / ((values.length * (values.length - 1)) / 2);
  const change = Math.abs(now - repetition);
  if (change < MIN_CHANGE) return undefined;
  const certain = Math.max(0, change - 2 / Math.sqrt(records));
  const n = Math.floor(effectiveCount(values.length, clustering) / 2);
  return {
    path,
    p: Math.min(1, 2 * Math.exp(-2 * n * certain * certain)),
    text:
      `${path} holds ${formatNumber(distinct)} different ${distinct === 1 ? 'value' : 'values'} in ` +
      `${formatNumber(values.length)} records: ${formatShare(now)} of the pairs are equal, usually ${formatShare(repetition)}`,
  };
}
