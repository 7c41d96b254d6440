import type { Dataset } from '../../../domain/observation.ts';
import type { Instant } from '../../../domain/time.ts';
import { finish } from '../../../domain/steps.ts';
import { cellFeature } from './cell-features.ts';
import type { CellFeature } from './cell-features.ts';
import { cellSlices } from './cell-slices.ts';
import type { KeyedHash } from './keyed-hash.ts';

/** Features of one record by path. A path that is absent was not selected, which is not the same as missing. */
export type FeatureRow = Readonly<Record<string, CellFeature>>;

/** A record of the window a model is trained on. */
export interface WindowRecord {
  /**
   * Identity of the record, stable between instances: `<observation id>/<position>`. Equal sets of records give equal
   * models; records of one observation are known to be of one response.
   */
  readonly key: string;
  /** Event time of the observation the record came with. */
  readonly at: Instant;
  readonly features: FeatureRow;
}

/** Features of the records of one dataset, by column, as they are scored. */
export interface FeatureBatch {
  readonly at: Instant;
  readonly recordCount: number;
  readonly columns: readonly FeatureColumn[];
}

export interface FeatureColumn {
  readonly path: string;
  /** One feature per record; undefined where this record's query did not select the path. */
  readonly features: readonly (CellFeature | undefined)[];
}

export function featuresOf(dataset: Dataset, at: Instant, hash: KeyedHash): FeatureBatch {
  return finish(featuresOfInSlices(dataset, at, hash));
}

/** As `featuresOf`, pausing after about a millisecond of work. */
export function* featuresOfInSlices(dataset: Dataset, at: Instant, hash: KeyedHash): Generator<void, FeatureBatch> {
  const slice = cellSlices();
  const columns: FeatureColumn[] = [];
  for (const { path, cells } of dataset.columns) {
    const features: CellFeature[] = [];
    for (let row = 0; row < dataset.recordCount; row++) {
      features.push(cellFeature(cells[row], hash));
      if (slice.isFull(1)) yield;
    }
    columns.push({ path, features });
  }
  return { at, recordCount: dataset.recordCount, columns };
}
