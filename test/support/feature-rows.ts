import type { CellFeature } from '../../core/detection/records/features/cell-features.ts';
import type { FeatureBatch, FeatureRow } from '../../core/detection/records/features/record-features.ts';
import type { Instant } from '../../core/domain/time.ts';

/** The features of each record as one object: the JSON that history stores. */
export function featureRows(batch: FeatureBatch): FeatureRow[] {
  return Array.from({ length: batch.recordCount }, (_, row) => featureRow(batch, row));
}

function featureRow(batch: FeatureBatch, row: number): FeatureRow {
  // A path may be called "__proto__": own properties only, on an object without a prototype.
  const features: Record<string, CellFeature> = Object.create(null) as Record<string, CellFeature>;
  for (const column of batch.columns) {
    const feature = column.features[row];
    if (feature !== undefined) features[column.path] = feature;
  }
  return features;
}

/** Records as a batch. */
export function batchOfRows(rows: readonly FeatureRow[], at: Instant): FeatureBatch {
  const columns = new Map<string, (CellFeature | undefined)[]>();
  rows.forEach((row, index) => {
    for (const path of Object.keys(row)) {
      let features = columns.get(path);
      if (!features) columns.set(path, (features = Array.from({ length: rows.length })));
      features[index] = row[path];
    }
  });
  return { at, recordCount: rows.length, columns: [...columns].map(([path, features]) => ({ path, features })) };
}
