import type { FieldStatistics } from '../../../domain/analysis.ts';
import type { Cell, Column, Dataset } from '../../../domain/observation.ts';
import { personalKindOf } from '../../personal-data/personal-names.ts';
import { cellFeature, isList, isText } from './cell-features.ts';
import type { CellFeature } from './cell-features.ts';
import { cellSlices } from './cell-slices.ts';
import { instantOf, NUMERIC_READERS } from './column-features.ts';
import { columnType } from './column-kind.ts';
import type { ColumnKind } from './column-kind.ts';
import { quantile } from '../../statistics/quantiles.ts';
import { finish } from '../../../domain/steps.ts';
import { redactedText } from './redaction.ts';

const MAX_TOP_VALUES = 20;

/**
 * A sketch of every column of a dataset. Time and memory grow with the number of cells only, never with their size: there
 * are no bins to multiply (the original's histogram grew with its largest outlier and stopped the service). Numbers are
 * in the column's unit, instants in epoch milliseconds; numbers of personal columns are left out.
 */
export function fieldStatistics(dataset: Dataset): FieldStatistics[] {
  return finish(fieldStatisticsInSlices(dataset));
}

/** As `fieldStatistics`, pausing several times a column. */
export function* fieldStatisticsInSlices(dataset: Dataset): Generator<void, FieldStatistics[]> {
  const statistics: FieldStatistics[] = [];
  for (const column of dataset.columns) statistics.push(yield* columnStatistics(column, dataset.recordCount));
  return statistics;
}

function* columnStatistics({ path, cells }: Column, recordCount: number): Generator<void, FieldStatistics> {
  // The text itself takes the place of its hash: these features don't leave this function.
  const features: CellFeature[] = [];
  const slice = cellSlices();
  for (let row = 0; row < recordCount; row++) {
    features.push(cellFeature(cells[row], (text) => text));
    if (slice.isFull(1)) yield;
  }
  const zeros = new Float64Array(features.length);
  const { kind } = columnType(path, { cells: features, times: Array.from(zeros), groups: zeros });
  yield;
  const values = features.filter((feature) => feature !== null && feature !== '-');
  yield;
  const uniqueCount = new Set(values.map(identity)).size;
  yield;
  const summary = numericSummary(personalKindOf(path) !== null ? [] : numbersOf(kind, values));
  yield;
  const top = kind === 'categorical' || kind === 'boolean' ? topValues(path, kind, cells.slice(0, recordCount)) : [];
  yield;
  return {
    field: path,
    type: kind,
    count: recordCount,
    nullCount: features.filter((feature) => feature === null).length,
    missingCount: features.filter((feature) => feature === '-').length,
    uniqueCount,
    averageLength: averageLength(values),
    ...summary,
    topValues: top,
  };
}

function identity(feature: CellFeature): string {
  return isText(feature) ? `text ${feature[0]}` : `${typeof feature} ${String(feature)}`;
}

function averageLength(values: readonly CellFeature[]): number | null {
  const lengths = values.flatMap((feature) => (isText(feature) ? [feature[1]] : isList(feature) ? [feature[0]] : []));
  return lengths.length === 0 ? null : lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}

function numbersOf(kind: ColumnKind, values: readonly CellFeature[]): number[] {
  if (kind !== 'numeric' && kind !== 'timestamp') return [];
  const read = kind === 'timestamp' ? instantOf : NUMERIC_READERS.value;
  return values.map((value) => read(value)).filter((value) => !Number.isNaN(value));
}

type NumericSummary = Pick<FieldStatistics, 'min' | 'max' | 'mean' | 'median' | 'standardDeviation'>;

function numericSummary(values: readonly number[]): NumericSummary {
  if (values.length === 0) return { min: null, max: null, mean: null, median: null, standardDeviation: null };
  const sorted = Float64Array.from(values).sort();
  let mean = 0;
  let squares = 0;
  sorted.forEach((value, index) => {
    const delta = value - mean;
    mean += delta / (index + 1);
    squares += delta * (value - mean);
  });
  return {
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
    mean: finiteOrNull(mean),
    median: finiteOrNull(quantile(sorted, 0.5)),
    standardDeviation: finiteOrNull(Math.sqrt(squares / sorted.length)),
  };
}

/** Values near the end of the number range can overflow a sum; published numbers are finite. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Most frequent first, equal counts by text; several values may share one redacted text. */
function topValues(path: string, kind: ColumnKind, cells: readonly Cell[]): FieldStatistics['topValues'] {
  const cellCounts = new Map<Cell, number>();
  for (const cell of cells) {
    if (typeof cell !== 'string' && typeof cell !== 'number' && typeof cell !== 'boolean') continue;
    cellCounts.set(cell, (cellCounts.get(cell) ?? 0) + 1);
  }
  const counts = new Map<string, number>();
  for (const [cell, count] of cellCounts) {
    const value = redactedText(path, kind, cell);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + count);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MAX_TOP_VALUES)
    .map(([value, count]) => ({ value, count }));
}
