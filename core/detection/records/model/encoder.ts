import type { Instant } from '../../../domain/time.ts';
import { type Cardinality, cardinalityOf } from '../features/cardinality.ts';
import { MISSING } from '../features/cell-features.ts';
import type { CellFeature } from '../features/cell-features.ts';
import { cellSlices } from '../features/cell-slices.ts';
import { clusteringOfCategories, clusteringOfNumbers } from '../../statistics/clustering.ts';
import { NUMBER_PROPERTIES, NUMERIC_READERS } from '../features/column-features.ts';
import type { CategoryFeatureName, NumericFeatureName } from '../features/column-features.ts';
import { columnType } from '../features/column-kind.ts';
import type { ColumnKind, SelectedCells } from '../features/column-kind.ts';
import { strongCorrelations } from '../../statistics/correlations.ts';
import type { Correlation } from '../../statistics/correlations.ts';
import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';
import { summaryAt, summaryQuantiles } from '../../statistics/quantiles.ts';
import { noveltyPValues, rareValues } from './novelty.ts';
import type { RareValues } from './novelty.ts';
import { areTimesLearnt } from '../features/learnt-times.ts';
import { constantLength, judgedNumber, textTolerance } from '../features/neighbouring-texts.ts';
import type { ConstantLength } from '../features/neighbouring-texts.ts';
import { categoryOf, runningReference } from '../features/running-reference.ts';
import type { CategoryRule, RunningReference } from '../features/running-reference.ts';
import { foldedRanks } from '../../statistics/folded-ranks.ts';
import { countCategories } from './rarity.ts';
import type { CategoryCounts } from './rarity.ts';
import type { FeatureBatch, WindowRecord } from '../features/record-features.ts';

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

/** Records by column: `features[i]` is of the record observed at `times[i]`. */
export interface FeatureTable {
  readonly times: readonly Instant[];
  /** Number of the response each record came in. */
  readonly groups: Int32Array;
  readonly columns: ReadonlyMap<string, readonly (CellFeature | undefined)[]>;
}

const MAX_COLUMNS = 200;
/** Where there are more columns, those of fewer records are left out: free keys that some records bring. */
const RARE_COLUMN_SHARE = 0.01;
/** Records whose query selected a column, before its numbers are judged: a query that asks for more makes it new. */
const MIN_SELECTED = 30;
const SKEWED = 2;
const SINGLETON_SHARE = 0.5;

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

/** A column before all of them are known, which is what novelty is judged by. */
type DraftColumn = Omit<EncodedColumn, 'categorical'> & { readonly categorical: readonly DraftCategory[] };
type DraftCategory = Omit<CategoryFeature, 'novelty'> & { readonly rare: RareValues };

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

function* encodeColumn(path: string, table: FeatureTable): Generator<void, DraftColumn> {
  const cells: CellFeature[] = [];
  const times: Instant[] = [];
  const groups: number[] = [];
  table.columns.get(path)?.forEach((cell, row) => {
    if (cell === undefined) return;
    cells.push(cell);
    times.push(table.times[row] as Instant);
    groups.push(table.groups[row] as number);
  });
  const selected = { cells, times, groups };
  yield;
  const type = columnType(path, selected);
  yield;
  const present: NumericFeature[] = [];
  // Else every value would be stranger than those of the many records that were not asked for any.
  const isKnown = cells.length >= Math.min(MIN_SELECTED, table.times.length);
  for (const name of isKnown ? type.numeric : []) {
    const feature = yield* numericFeature(name, type.kind, selected);
    if (feature.present > 0 && (type.kind !== 'timestamp' || isLearnt(name, selected))) present.push(feature);
    yield;
  }
  // What never varied is a category of one value: it must not take part in a forest's random choices.
  const lengths = holdsTexts(type.kind)
    ? present.map(constantLength).find((length) => length !== undefined)
    : undefined;
  const [constant, varying] = partition(
    present,
    ({ name, summary }) => summary[0] === summary.at(-1) || (name === 'length' && lengths !== undefined),
  );
  const constants = constant.flatMap(({ name }) => CATEGORY_OF_CONSTANT[name] ?? []);
  const others =
    constants.length > 0 ? type.categorical.filter((name) => !NUMBER_PROPERTIES.has(name)) : type.categorical;
  const categorical: DraftCategory[] = [];
  for (const name of [...others, ...constants]) {
    const rule: CategoryRule = { name, ...(name === 'length' && lengths && { constant: lengths }) };
    const feature = yield* categoryFeature(path, rule, selected);
    if (name === 'presence' || saysSomething(name, feature.counts)) categorical.push(feature);
  }
  const cardinality = yield* cardinalityOf(type.kind, cells, groups);
  yield;
  return {
    path,
    kind: type.kind,
    numeric: varying,
    categorical,
    ...(cardinality && { cardinality }),
  };
}

function isLearnt(name: NumericFeatureName, { cells, times, groups }: SelectedCells): boolean {
  const values = Float64Array.from(cells, (cell, index) => NUMERIC_READERS[name](cell, times[index] as Instant));
  return areTimesLearnt(values, times, groups);
}

function holdsTexts(kind: ColumnKind): boolean {
  return kind === 'text' || kind === 'identifier';
}

/** Share that makes a rule of what numbers have in common: an error that was learnt breaks none. */
const RULE_SHARE = 0.999;

const CATEGORY_OF_CONSTANT: Partial<Record<NumericFeatureName, CategoryFeatureName>> = {
  value: 'value',
  length: 'length',
  time: 'value',
};

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

function* numericFeature(
  name: NumericFeatureName,
  kind: ColumnKind,
  { cells, times, groups }: SelectedCells,
): Generator<void, NumericFeature> {
  const read = NUMERIC_READERS[name];
  const values = Float64Array.from(cells, (cell, index) => read(cell, times[index] as Instant));
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const transform = kind !== 'timestamp' && Math.abs(skewness(sorted)) > SKEWED ? 'log' : 'none';
  const summary = summaryQuantiles(sorted);
  yield;
  const clustering = clusteringOfNumbers(transform === 'log' ? values.map(signedLog) : values, groups);
  yield;
  const ranks = foldedRanks(values, sorted);
  yield;
  const spreadClustering = clusteringOfNumbers(ranks, groups);
  return { name, transform, present: sorted.length, summary, clustering, spreadClustering };
}

function* categoryFeature(
  path: string,
  rule: CategoryRule,
  { cells, groups }: SelectedCells,
): Generator<void, DraftCategory> {
  const values = cells.map((cell) => categoryOf(rule, cell));
  yield;
  const clustering = clusteringOfCategories(values, groups);
  yield;
  const counts = countCategories(values);
  yield;
  const rare = rareValues(values, groups, clustering);
  yield;
  const running = rule.name === 'length' ? runningReference(path, cells) : undefined;
  return { ...rule, counts, clustering, rare, ...(running && { running }) };
}

function saysSomething(name: CategoryFeatureName, counts: CategoryCounts): boolean {
  if (counts.total === 0) return false;
  // Prices are never negative, quantities have no fraction; where it happens, how often says little. A fraction is no rule.
  if (NUMBER_PROPERTIES.has(name)) {
    const [commonest] = counts.counts.keys();
    return commonest !== 'fraction' && counts.commonest >= RULE_SHARE * counts.total;
  }
  let singletons = counts.other;
  for (const count of counts.counts.values()) if (count === 1) singletons++;
  return singletons <= SINGLETON_SHARE * counts.total;
}

export function signedLog(value: number): number {
  return value < 0 ? -Math.log1p(-value) : Math.log1p(value);
}

/** Third standardised moment of an ascending sample; 0 for a constant or empty one. */
function skewness(values: Float64Array): number {
  const n = values.length;
  if (n === 0) return 0;
  // By the largest magnitude, which doesn't change it: powers of values near the end of the number range overflow.
  const largest = Math.max(Math.abs(values[0] as number), Math.abs(values.at(-1) as number)) || 1;
  let mean = 0;
  for (const value of values) mean += value / largest / n;
  let second = 0;
  let third = 0;
  for (const value of values) {
    const difference = value / largest - mean;
    second += (difference * difference) / n;
    third += (difference * difference * difference) / n;
  }
  return second > 0 ? third / second ** 1.5 : 0;
}
