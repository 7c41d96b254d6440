import type { FieldEvidence, Finding } from '../../../domain/finding.ts';
import type { Instant } from '../../../domain/time.ts';
import { cardinalityChange } from './cardinality-change.ts';
import type { CellFeature } from '../features/cell-features.ts';
import { effectiveCount } from '../../statistics/clustering.ts';
import { MIN_COMPARED } from './column-change.ts';
import type { ColumnChange } from './column-change.ts';
import { presenceOf } from '../features/column-features.ts';
import { correlationOf } from '../../statistics/correlations.ts';
import { numericChange } from './distribution-change.ts';
import { numericFeatures, unknownColumns } from '../model/encoder.ts';
import { tableOfBatch } from '../features/feature-table.ts';
import type { EncodedColumn } from '../model/encoded-column.ts';
import type { FeatureTable } from '../features/feature-table.ts';
import { countOf } from '../model/rarity.ts';
import type { FeatureBatch, FeatureColumn } from '../features/record-features.ts';
import { finish } from '../../../domain/steps.ts';
import type { RecordModel } from '../model/record-model.ts';
import { formatNumber } from '../features/number-text.ts';
import { categoryChange } from './share-change.ts';
import type { TextDictionary } from '../features/text-dictionary.ts';

export interface ComparisonOptions {
  /** Chance of any false finding about one dataset; each of the checks gets its part (Bonferroni). Default 0.001. */
  readonly alpha?: number;
  /** The model is of this very query shape: a column it doesn't know is then new in the data, not in the query. */
  readonly selectionIsFixed?: boolean;
  /** Columns left out of the batch because the request asked for their values: they have not vanished (chosen-columns.ts). */
  readonly chosen?: ReadonlySet<string>;
  /** Names the categories whose share changed. */
  readonly dictionary?: TextDictionary;
}

const ALPHA = 0.001;
const NONE: ReadonlySet<string> = new Set();
/** Share of the training records that stands for all of them. */
const ALWAYS = 0.99;

/**
 * Compares the records of one response, taken together, with those the model was trained on: type, range, distribution and
 * spread of numbers, shares of categories, repetition of keys, nulls, hours and weekdays, correlations, columns that appeared or vanished. p-values
 * are bounds, not approximations (share-change.ts, distribution-change.ts), over the number of independent records the response is worth (clustering.ts), so that sorted and
 * filtered pages stay quiet.
 */
export function compareWithHistory(
  model: RecordModel,
  batch: FeatureBatch,
  dataset: string,
  options: ComparisonOptions = {},
): Finding[] {
  return finish(compareWithHistoryInSlices(model, batch, dataset, options));
}

/** As `compareWithHistory`, pausing after each feature of a column. */
export function* compareWithHistoryInSlices(
  model: RecordModel,
  batch: FeatureBatch,
  dataset: string,
  options: ComparisonOptions = {},
): Generator<void, Finding[]> {
  if (batch.recordCount < MIN_COMPARED) return [];
  const table = tableOfBatch(batch);
  const { columns, correlations } = model.encoder;
  const changes: ColumnChange[] = [];
  for (const column of columns) {
    const textOf = (hash: string) => options.dictionary?.textOf(dataset, column.path, hash);
    changes.push(...(yield* columnChanges(column, table.columns.get(column.path), batch.at, textOf)));
  }
  changes.push(...(yield* correlationChanges(model, table)));
  const checks = columns.reduce(
    (sum, { numeric, categorical, cardinality }) => sum + numeric.length + categorical.length + (cardinality ? 1 : 0),
    correlations.length,
  );
  const level = (options.alpha ?? ALPHA) / checks;
  return [
    ...schemaFindings(model, batch, dataset, options),
    ...changes.filter((change) => change.p <= level).map((change) => distributionFinding(change, dataset, checks)),
  ];
}

function distributionFinding(
  { path, p, text, severity, usual, frequency }: ColumnChange,
  dataset: string,
  checks: number,
): Finding {
  const corrected = Math.min(1, p * checks);
  const field: FieldEvidence = {
    path,
    value: null,
    contribution: 1,
    tailProbability: corrected,
    ...(usual ? { usual } : {}),
    ...(frequency === undefined ? {} : { frequency }),
    text,
  };
  return {
    kind: 'distribution_change',
    subject: { kind: 'dataset', dataset },
    severity: severity ?? (corrected <= 1e-6 ? 'medium' : 'low'),
    p: corrected,
    score: null,
    reason: text,
    fields: [field],
  };
}

function* columnChanges(
  column: EncodedColumn,
  features: FeatureColumn['features'] | undefined,
  at: Instant,
  textOf: (hash: string) => string | undefined,
): Generator<void, ColumnChange[]> {
  const cells = features?.filter((cell) => cell !== undefined) ?? [];
  if (cells.length < MIN_COMPARED) return [];
  const changes: (ColumnChange | undefined)[] = [];
  for (const feature of column.numeric) {
    changes.push(numericChange(column.path, feature, cells, at));
    yield;
  }
  for (const feature of column.categorical) {
    changes.push(categoryChange(column, feature, cells, textOf));
    yield;
  }
  if (column.cardinality) changes.push(cardinalityChange(column.path, column.cardinality, cells));
  yield;
  return changes.filter((change) => change !== undefined);
}

function* correlationChanges(model: RecordModel, table: FeatureTable): Generator<void, ColumnChange[]> {
  if (model.encoder.correlations.length === 0) return [];
  const matrix = yield* numericFeatures(model.encoder, table);
  const features = model.encoder.columns.flatMap((column) =>
    column.numeric.map((feature) => ({ path: column.path, feature })),
  );
  return model.encoder.correlations.flatMap((usual) => {
    const [a, b] = [features[usual.a], features[usual.b]];
    const now = correlationOf(matrix, usual.a, usual.b);
    if (!a || !b || now === undefined || now.records < MIN_COMPARED) return [];
    const n = effectiveCount(now.records, Math.max(a.feature.clustering, b.feature.clustering));
    if (n <= 4 || Math.abs(now.r - usual.r) < 0.5) return [];
    // Fisher's z (1915): atanh(r) is about normal with variance 1/(n − 3).
    const z =
      Math.abs(Math.atanh(clamped(now.r)) - Math.atanh(clamped(usual.r))) /
      Math.sqrt(1 / (n - 3) + 1 / (usual.records - 3));
    const text = `${a.path} and ${b.path} are correlated by ${now.r.toFixed(2)}, usually ${usual.r.toFixed(2)} (${formatNumber(usual.records)} records)`;
    // Tail of the normal distribution: P(|Z| > z) ≤ 2·exp(−z²/2).
    return [{ path: a.path, p: Math.min(1, 2 * Math.exp((-z * z) / 2)), text }];
  });
}

function clamped(r: number): number {
  return Math.max(-0.999, Math.min(0.999, r));
}

function schemaFindings(
  model: RecordModel,
  batch: FeatureBatch,
  dataset: string,
  { selectionIsFixed = false, chosen = NONE }: ComparisonOptions,
): Finding[] {
  const appeared = selectionIsFixed ? unknownColumns(model.encoder, batch).map((path) => `column ${path} is new`) : [];
  const byPath = new Map(batch.columns.map((column) => [column.path, column.features]));
  const changed = model.encoder.columns.flatMap((column) => {
    const presence = column.categorical.find((feature) => feature.name === 'presence');
    if (presence === undefined || presence.counts.total === 0) return [];
    // What no record has is no column of the batch: not selected, or gone from the data where the query is the same.
    const isGone =
      selectionIsFixed && !chosen.has(column.path) && presence.counts.total >= ALWAYS * model.trainedOn.records;
    const now =
      dominantPresence(byPath.get(column.path)) ?? (isGone && !byPath.has(column.path) ? 'missing' : undefined);
    if (now === undefined) return [];
    const before = presence.counts.counts.keys().next().value as string;
    const wasAlways = countOf(presence.counts, before) >= ALWAYS * presence.counts.total;
    if (!wasAlways || countOf(presence.counts, now) > 0) return [];
    if (now === 'missing') return [`column ${column.path} has vanished`];
    return now === 'null' ? [] : [`column ${column.path} is now ${now}, it always was ${before}`];
  });
  const texts = [...appeared, ...changed];
  if (texts.length === 0) return [];
  return [
    {
      kind: 'schema_change',
      subject: { kind: 'dataset', dataset },
      severity: 'medium',
      p: null,
      score: null,
      reason: texts.join('; '),
      fields: [],
    },
  ];
}

/** What stands in nearly all cells of a column of the batch, or undefined. */
function dominantPresence(cells: readonly (CellFeature | undefined)[] | undefined): string | undefined {
  if (cells === undefined) return undefined;
  const counts = Map.groupBy(
    cells.filter((cell) => cell !== undefined),
    (cell) => presenceOf(cell),
  );
  const all = cells.length;
  for (const [presence, members] of counts) if (members.length >= 0.9 * all) return presence;
  return undefined;
}
