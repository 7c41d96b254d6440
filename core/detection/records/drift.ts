import type { TrainingCause } from '../../domain/training-cause.ts';

/** When a model no longer fits what arrives. */

/** Fewer recent records than this decide nothing. */
export const MIN_RECENT = 200;
const KS_LEVEL = 0.001;

export interface ModelUse {
  /** Records of the window the model was trained on. */
  readonly trainedRecords: number;
  /** Records that entered the window since. */
  readonly newRecords: number;
  /** p-values of the latest records scored by this model, any order. */
  readonly recentPValues: ArrayLike<number>;
  /** Whether a column appeared that the encoder doesn't know. */
  readonly hasNewColumn: boolean;
  /** Whether a column's latest values are of another type than the encoder's (type-watch.ts). */
  readonly hasChangedType: boolean;
}

/** Why a model should be trained anew, or null: new records ≥ max(100, 20 %), changed p-values, or changed columns. */
export function retrainReason(use: ModelUse): TrainingCause | null {
  if (use.hasChangedType) return 'changed_type';
  if (use.hasNewColumn) return 'new_column';
  if (use.newRecords >= Math.max(100, 0.2 * use.trainedRecords)) return 'new_records';
  if (use.recentPValues.length >= MIN_RECENT && smallPValueTest(use.recentPValues) < KS_LEVEL) return 'drift';
  return null;
}

/**
 * Whether so many recent records are flagged that the data must have changed rather than gone wrong: more than ten times
 * the rate α over at least 200 records. The model is then retrained on the recent window instead of alarming for ever.
 */
export function isDrifting(recentPValues: ArrayLike<number>, alpha: number): boolean {
  const recent = recentPValues.length;
  if (recent < MIN_RECENT) return false;
  let flagged = 0;
  for (let i = 0; i < recent; i++) if ((recentPValues[i] as number) <= alpha) flagged++;
  return flagged > Math.min(0.5, 10 * alpha) * recent;
}

/**
 * p-value of the one-sided Kolmogorov–Smirnov test that p-values are not smaller than uniform ones: exp(−2nD²) with D the
 * largest excess of their distribution over the diagonal (Smirnov, 1944). One-sided, because the combined p-values of two
 * parts are meant to be larger than uniform.
 */
export function smallPValueTest(pValues: ArrayLike<number>): number {
  const sorted = Float64Array.from(pValues).sort();
  const n = sorted.length;
  let excess = 0;
  for (let i = 0; i < n; i++) excess = Math.max(excess, (i + 1) / n - (sorted[i] as number));
  return n === 0 ? 1 : Math.exp(-2 * n * excess * excess);
}
