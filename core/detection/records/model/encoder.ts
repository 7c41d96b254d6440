import type { Instant } from '../../../domain/time.ts';
import { strongCorrelations } from '../../statistics/correlations.ts';
import type { Correlation } from '../../statistics/correlations.ts';
import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';
import { summaryAt } from '../../statistics/quantiles.ts';
import { signedLog } from '../../statistics/signed-log.ts';
import { MISSING } from '../features/cell-features.ts';
import { holdsTexts } from '../features/column-kind.ts';
import type { FeatureTable } from '../features/feature-table.ts';
import { judgedNumber, textTolerance } from '../features/neighbouring-texts.ts';
import type { FeatureBatch } from '../features/record-features.ts';
import { encodeColumn } from './encode-column.ts';
import type { DraftColumn } from './encode-column.ts';
import type { EncodedColumn } from './encoded-column.ts';
import { noveltyPValues } from './novelty.ts';

/**
 * How the columns of a baseline are read: fitted on the training window, stored in the model and applied unchanged when
 * records are scored. Columns are sorted by path, so that the order of keys never matters.
 */
export interface Encoder {
  readonly columns: readonly EncodedColumn[];
  /** Number of numeric features over all columns: the width of the matrix. */
  readonly width: number;
  /** Strong correlations of the training records, by positions of numeric features. */
  readonly correlations: readonly Correlation[];
}

const MAX_COLUMNS = 200;
/** Where there are more columns, those of fewer records are left out: free keys that some records bring. */
const RARE_COLUMN_SHARE = 0.01;
/** Fits an encoder, pausing several times for each feature of a column. */
export function* fitEncoder(table: FeatureTable): Generator<void, Encoder> {
  const drafts: DraftColumn[] = [];
  for (const path of usedPaths(table)) {
    drafts.push(yield* encodeColumn(path, table));
  }
  const columns = withNovelty(drafts, table.times.length);
  const width = columns.reduce((sum, column) => sum + column.numeric.length, 0);
  const encoder = { columns, width, correlations: [] };
  const correlations = yield* strongCorrelations(yield* numericFeatures(encoder, table));
  return { ...encoder, correlations };
}

/** Numeric features of all records; NaN where a record has none. Pauses after each column. */
export function* numericFeatures(encoder: Encoder, table: FeatureTable): Generator<void, NumericMatrix> {
  const rows = table.times.length;
  const data = new Float64Array(rows * encoder.width).fill(Number.NaN);
  let offset = 0;
  for (const column of encoder.columns) {
    const cells = table.columns.get(column.path);
    for (const feature of column.numeric) {
      const index = offset++;
      if (cells === undefined) continue;
      for (let row = 0; row < rows; row++) {
        const value = judgedNumber(feature, cells[row], table.times[row] as Instant);
        data[row * encoder.width + index] = feature.transform === 'log' ? signedLog(value) : value;
      }
    }
    yield;
  }
  return { rows, columns: encoder.width, data };
}

/**
 * The least standard deviation to measure each numeric feature by, as it is transformed: of what neighbouring texts differ
 * in. 0 where any difference counts.
 */
export function leastDeviations({ columns }: Encoder): Float64Array {
  return Float64Array.from(
    columns.flatMap(({ kind, numeric }) =>
      numeric.map((feature) => {
        if (!holdsTexts(kind)) return 0;
        const tolerance = textTolerance(feature);
        const usual = summaryAt(feature.summary, 0.5);
        return (feature.transform === 'log' ? signedLog(usual + tolerance) - signedLog(usual) : tolerance) / 2;
      }),
    ),
  );
}

/**
 * Paths of a batch that the encoder doesn't know: they take no part in scores, and the model should be retrained. None for
 * an encoder that is full: training anew would not bring them in.
 */
export function unknownColumns(encoder: Encoder, batch: FeatureBatch): string[] {
  if (encoder.columns.length >= MAX_COLUMNS) return [];
  const known = new Set(encoder.columns.map((column) => column.path));
  return batch.columns.map((column) => column.path).filter((path) => !known.has(path));
}

/**
 * Paths of the columns to fit, sorted: all, or the 200 that most records have. Each takes part in the forest's choices and
 * in every score, so what a few records bring must not push a real column out; in the other records of a response it is
 * missing, which is not having it.
 */
function usedPaths({ times, columns }: FeatureTable): string[] {
  if (columns.size <= MAX_COLUMNS) return [...columns.keys()].sort();
  return [...columns]
    .map(([path, cells]) => ({ path, records: cells.filter((cell) => cell !== undefined && cell !== MISSING).length }))
    .filter(({ records }) => records >= RARE_COLUMN_SHARE * times.length)
    .sort((a, b) => b.records - a.records || (a.path < b.path ? -1 : 1))
    .slice(0, MAX_COLUMNS)
    .map(({ path }) => path)
    .sort();
}

function withNovelty(columns: readonly DraftColumn[], records: number): EncodedColumn[] {
  const pValues = noveltyPValues(
    columns.flatMap(({ categorical }) => categorical.map(({ rare }) => rare)),
    records,
  ).values();
  return columns.map((column) => ({
    ...column,
    categorical: column.categorical.map(({ rare: _rare, ...feature }) => {
      const novelty = pValues.next().value as number;
      // Of what lies beyond the kept values it is not known whether it was seen.
      return { ...feature, novelty: feature.counts.other > 0 ? 1 : novelty };
    }),
  }));
}
