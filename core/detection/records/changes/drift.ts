import type { TrainingCause } from '../../../domain/training-cause.ts';

/** When a model no longer fits what arrives. */

/** Fewer recent records than this decide nothing. */
export const MIN_RECENT = 200;
/** Records whose p-values are as small as this don't fit the model. */
export const DRIFT_LEVEL = 0.001;

export interface ModelUse {
  /** Records of the window the model was trained on. */
  readonly trainedRecords: number;
  /** Records that entered the window since. */
  readonly newRecords: number;
  /** p-values of the latest records that entered the window after this model had scored them, any order. */
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
  if (use.recentPValues.length >= MIN_RECENT && smallPValueTest(use.recentPValues) < DRIFT_LEVEL) return 'drift';
  return null;
}

/**
 * p-value of the one-sided Kolmogorov–Smirnov test that p-values are not smaller than uniform ones: exp(−2nD²) with D the
 * largest excess of their distribution over the diagonal (Smirnov, 1944). One-sided, because the combined p-values of two
 * parts are meant to be larger than uniform.
 */
export function smallPValueTest(pValues: ArrayLike<number>): number {
  const { share, level } = smallPValueExcess(pValues);
  return Math.exp(-2 * pValues.length * (share - level) ** 2);
}

/** The level that most more p-values lie at or below than uniform ones would, 0–1, and the share that does. */
export interface SmallPValueExcess {
  readonly level: number;
  readonly share: number;
}

/** The difference of share and level is the statistic of the test. */
export function smallPValueExcess(pValues: ArrayLike<number>): SmallPValueExcess {
  const sorted = Float64Array.from(pValues).sort();
  let most: SmallPValueExcess = { level: 1, share: 1 };
  sorted.forEach((level, i) => {
    const share = (i + 1) / sorted.length;
    if (share - level > most.share - most.level) most = { level, share };
  });
  return most;
}
