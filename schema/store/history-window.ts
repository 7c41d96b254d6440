import type { CellFeature } from '../../core/detection/records/features/cell-features.ts';
import type { FeatureRow, WindowRecord } from '../../core/detection/records/features/record-features.ts';
import { bottomK } from '../../core/detection/statistics/sample.ts';

/** A stored block as a window reads it: dialect forms already read. */
export interface StoredBlock {
  readonly observationId: string;
  readonly at: number;
  readonly records: {
    readonly columns: readonly string[];
    readonly records: readonly (readonly [number, ...CellFeature[]])[];
  };
}

export interface Window {
  readonly records: readonly WindowRecord[];
  /** Priority of the worst record kept; Infinity while there is room for more. */
  readonly cut: number;
}

/**
 * The bottom-k sample of a baseline from its blocks. Reading the k blocks of best priority is enough: a record among
 * the k best stands in a block whose best priority is no worse.
 */
export function windowOf(blocks: readonly StoredBlock[], k: number): Window {
  const all = blocks.flatMap((block) =>
    block.records.records.map((record, position) => ({ block, record, position, priority: record[0] })),
  );
  const kept = bottomK(all, k, (item) => item.priority);
  return {
    records: kept.map(({ block, record, position }) => ({
      // Position within its block, not within the response: enough to tell records of one observation apart.
      key: `${block.observationId}/${position}`,
      at: block.at,
      features: featureRowOf(block.records.columns, record),
    })),
    cut: kept.length < k ? Infinity : (kept.at(-1)?.priority ?? Infinity),
  };
}

function featureRowOf(columns: readonly string[], [, ...features]: readonly [number, ...CellFeature[]]): FeatureRow {
  const row = Object.create(null) as Record<string, CellFeature>;
  columns.forEach((path, index) => {
    row[path] = features[index] as CellFeature;
  });
  return row;
}
