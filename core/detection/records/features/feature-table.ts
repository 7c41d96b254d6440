import type { Instant } from '../../../domain/time.ts';
import type { CellFeature } from './cell-features.ts';
import { cellSlices } from './cell-slices.ts';
import type { FeatureBatch, WindowRecord } from './record-features.ts';

/** Records by column: `features[i]` is of the record observed at `times[i]`. */
export interface FeatureTable {
  readonly times: readonly Instant[];
  /** Number of the response each record came in. */
  readonly groups: Int32Array;
  readonly columns: ReadonlyMap<string, readonly (CellFeature | undefined)[]>;
}

export function* tableOfWindow(window: readonly WindowRecord[]): Generator<void, FeatureTable> {
  const columns = new Map<string, (CellFeature | undefined)[]>();
  const slice = cellSlices();
  for (const [index, record] of window.entries()) {
    for (const path of Object.keys(record.features)) {
      let features = columns.get(path);
      const isNew = features === undefined;
      if (!features) columns.set(path, (features = Array.from({ length: window.length })));
      features[index] = record.features[path];
      if (slice.isFull(isNew ? window.length : 1)) yield;
    }
  }
  return { times: window.map((record) => record.at), groups: groupsOf(window), columns };
}

function groupsOf(window: readonly WindowRecord[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(window, ({ key }) => {
    const observation = key.slice(0, Math.max(0, key.lastIndexOf('/')));
    const known = numbers.get(observation) ?? numbers.size;
    numbers.set(observation, known);
    return known;
  });
}

export function tableOfBatch(batch: FeatureBatch): FeatureTable {
  return {
    times: Array.from({ length: batch.recordCount }, () => batch.at),
    groups: new Int32Array(batch.recordCount),
    columns: new Map(batch.columns.map((column) => [column.path, column.features])),
  };
}
