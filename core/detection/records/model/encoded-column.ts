import type { Cardinality } from '../features/cardinality.ts';
import type { CategoryFeatureName, NumericFeatureName } from '../features/column-features.ts';
import type { ColumnKind } from '../features/column-kind.ts';
import type { ConstantLength } from '../features/neighbouring-texts.ts';
import type { RunningReference } from '../features/running-reference.ts';
import type { CategoryCounts } from './rarity.ts';

/** How one column is read. */
export interface EncodedColumn {
  readonly path: string;
  readonly kind: ColumnKind;
  readonly numeric: readonly NumericFeature[];
  readonly categorical: readonly CategoryFeature[];
  /** How its values repeat within a response, where they are not counted one by one. */
  readonly cardinality?: Cardinality;
}

export interface NumericFeature {
  readonly name: NumericFeatureName;
  /** `log` reads x as sign(x)·log(1 + |x|): for columns of skewness above 2. */
  readonly transform: 'none' | 'log';
  /** Training records with a value. */
  readonly present: number;
  /** Distribution of the untransformed training values at `SUMMARY_PROBABILITIES`. */
  readonly summary: Float64Array;
  /** Intraclass correlation of the responses, 0–1, an upper bound (clustering.ts). */
  readonly clustering: number;
  /** The same of how far out the values lie (spread-change.ts). */
  readonly spreadClustering: number;
}

export interface CategoryFeature {
  readonly name: CategoryFeatureName;
  readonly counts: CategoryCounts;
  /** For lengths of references that count up. */
  readonly running?: RunningReference;
  /** For the length of texts that hardly varied. */
  readonly constant?: ConstantLength;
  /** p-value of a record with a value never seen; 1 where new values are ordinary (novelty.ts). */
  readonly novelty: number;
  /** Intraclass correlation of the responses, 0–1, an upper bound (clustering.ts). */
  readonly clustering: number;
}
