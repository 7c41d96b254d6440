import type { FieldEvidence, Finding } from '../../domain/finding.ts';
import type { CellFeature } from './cell-features.ts';
import { effectiveCount } from './clustering.ts';
import { CATEGORY_READERS, NUMERIC_READERS, presenceOf, WEEKDAYS } from './column-features.ts';
import type { Correlation } from './correlations.ts';
import { correlationOf } from './correlations.ts';
import { numericFeatures, tableOfBatch, unknownColumns } from './encoder.ts';
import type { CategoryFeature, EncodedColumn, FeatureTable, NumericFeature } from './encoder.ts';
import { quantile, SUMMARY_PROBABILITIES, summaryAt } from './quantiles.ts';
import { countOf } from './rarity.ts';
import type { FeatureBatch } from './record-features.ts';
import { finish } from './record-model.ts';
import type { RecordModel } from './record-model.ts';
import type { TextDictionary } from './text-dictionary.ts';
import { formatApproximate, formatNumber, formatShare, isPersonalName } from './redaction.ts';

export interface ComparisonOptions {
  /** Chance of any false finding about one dataset; each of the checks gets its part (Bonferroni). Default 0.001. */
  readonly alpha?: number;
  /** The model is of this very query shape: a column it doesn't know is then new in the data, not in the query. */
  readonly selectionIsFixed?: boolean;
  /** Names the categories whose share changed. */
  readonly dictionary?: TextDictionary;
}

/** Fewer records than this are not compared: a handful of records has no distribution. */
const MIN_RECORDS = 20;
const ALPHA = 0.001;
/** Statistical certainty is not enough to bother a person: shares must move by this much. */
const MIN_SHARE_CHANGE = 0.1;
const MIN_DISTANCE = 0.3;

/**
 * Compares the records of one response, taken together, with those the model was trained on: type, range and distribution
 * of numbers, shares of categories, nulls, hours and weekdays, correlations, columns that appeared or vanished. p-values
 * are bounds, not approximations (Chernoff–Hoeffding for shares; Dvoretzky–Kiefer–Wolfowitz with Massart's constant, 1990,
 * for distributions), over the number of independent records the response is worth (clustering.ts), so that sorted and
 * filtered pages stay quiet.
 */
export function compareWithHistory(
  model: RecordModel,
  batch: FeatureBatch,
  dataset: string,
  options: ComparisonOptions = {},
): Finding[] {
  if (batch.recordCount < MIN_RECORDS) return [];
  const table = tableOfBatch(batch);
  const textOf: TextOf = (path, hash) => options.dictionary?.textOf(dataset, path, hash);
  const changes = model.encoder.columns.flatMap((column) => columnChanges(column, table, textOf));
  changes.push(...correlationChanges(model, table));
  const checks = model.encoder.columns.reduce(
    (sum, { numeric, categorical }) => sum + numeric.length + categorical.length,
    1,
  );
  const level = (options.alpha ?? ALPHA) / (checks + model.encoder.correlations.length);
  return [
    ...schemaFindings(model, batch, dataset, options.selectionIsFixed ?? false),
    ...changes.filter((change) => change.p <= level).map((change) => distributionFinding(change, dataset, checks)),
  ];
}

interface Change {
  readonly path: string;
  readonly p: number;
  readonly text: string;
  readonly usual?: FieldEvidence['usual'];
  readonly frequency?: number;
}

function distributionFinding({ path, p, text, usual, frequency }: Change, dataset: string, checks: number): Finding {
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
    severity: corrected <= 1e-6 ? 'medium' : 'low',
    p: corrected,
    score: null,
    reason: text,
    fields: [field],
  };
}

type TextOf = (path: string, hash: string) => string | undefined;

function columnChanges(column: EncodedColumn, table: FeatureTable, textOf: TextOf): Change[] {
  const cells = table.columns.get(column.path)?.filter((cell) => cell !== undefined);
  if (cells === undefined || cells.length < MIN_RECORDS) return [];
  return [
    ...column.numeric.map((feature) => numericChange(column, feature, cells, table)),
    ...column.categorical.map((feature) => categoryChange(column, feature, cells, textOf)),
  ].filter((change) => change !== undefined);
}

/** Largest distance between the two distributions, found at the training quantiles. */
function numericChange(
  { path }: EncodedColumn,
  { name, present, summary, clustering }: NumericFeature,
  cells: readonly CellFeature[],
  table: FeatureTable,
): Change | undefined {
  const values = Float64Array.from(cells, (cell, row) => NUMERIC_READERS[name](cell, table.times[row] as number))
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (values.length < MIN_RECORDS) return undefined;
  const distance = distributionDistance(values, summary);
  if (distance < MIN_DISTANCE) return undefined;
  const fresh = effectiveCount(values.length, clustering);
  const n = (fresh * present) / (fresh + present);
  const [low, median, high] = [0.01, 0.5, 0.99].map((probability) => summaryAt(summary, probability)) as [
    number,
    number,
    number,
  ];
  const what = name === 'value' ? path : `${name} of ${path}`;
  const shown = isPersonalName(path)
    ? `${what}: distribution differs from its history`
    : `${what}: median ${formatApproximate(quantile(values, 0.5))}, range ${formatApproximate(values[0] as number)}–${formatApproximate(values.at(-1) as number)}; usually median ${formatApproximate(median)}, range ${formatApproximate(low)}–${formatApproximate(high)}`;
  return {
    path,
    p: Math.min(1, 2 * Math.exp(-2 * n * distance * distance)),
    text: shown,
    ...(isPersonalName(path) ? {} : { usual: { low, median, high } }),
  };
}

/** Kolmogorov's distance between a sample and a summary, never above the true one. */
function distributionDistance(sorted: Float64Array, summary: Float64Array): number {
  let largest = 0;
  SUMMARY_PROBABILITIES.forEach((probability, index) => {
    const at = summary[index] as number;
    // Where values repeat, the summary jumps at `at`: only the part of the distance that no jump explains counts.
    const below = sorted.filter((value) => value < at).length / sorted.length;
    const upTo = sorted.filter((value) => value <= at).length / sorted.length;
    const first = SUMMARY_PROBABILITIES[summary.indexOf(at)] as number;
    const last = SUMMARY_PROBABILITIES[summary.lastIndexOf(at)] as number;
    if (probability === first) largest = Math.max(largest, below - last, first - upTo);
  });
  return largest;
}

/**
 * The most improbable change of a category's share, described by the share that rose most; values that training never saw
 * count as one category.
 */
function categoryChange(
  column: EncodedColumn,
  { name, counts, clustering }: CategoryFeature,
  cells: readonly CellFeature[],
  textOf: TextOf,
): Change | undefined {
  const seen = new Map<string, number>();
  let total = 0;
  for (const cell of cells) {
    const value = CATEGORY_READERS[name](cell);
    if (value === undefined) continue;
    total++;
    const category = name === 'presence' || countOf(counts, value) > 0 ? value : UNSEEN;
    seen.set(category, (seen.get(category) ?? 0) + 1);
  }
  if (total < MIN_RECORDS) return undefined;
  const n = effectiveCount(total, clustering);
  const moved = [...new Set([...counts.counts.keys(), ...seen.keys(), UNSEEN])]
    .map((category) => ({
      category,
      share: (seen.get(category) ?? 0) / total,
      usual: (category === UNSEEN ? counts.other : countOf(counts, category)) / counts.total,
    }))
    .filter(({ share, usual }) => Math.abs(share - usual) >= MIN_SHARE_CHANGE)
    .sort((a, b) => b.share - b.usual - (a.share - a.usual));
  const [named] = moved;
  if (named === undefined) return undefined;
  const smallest = Math.min(...moved.map(({ share, usual }) => shareBound(share, usual, n, counts.total)));
  return {
    path: column.path,
    p: Math.min(1, 2 * (counts.counts.size + 1) * smallest),
    frequency: named.usual,
    text: shareText(column, name, named, textOf(column.path, named.category)),
  };
}

interface MovedShare {
  readonly category: string;
  readonly share: number;
  readonly usual: number;
}

const UNSEEN = '\u0000unseen';

/** Chernoff–Hoeffding: P(share at least this far) ≤ exp(−n·KL(share ‖ usual)), the usual share moved by what training leaves open. */
function shareBound(share: number, usual: number, n: number, trained: number): number {
  const open = Math.sqrt(Math.max(usual * (1 - usual), 1 / trained) / trained) * 2 + 1 / trained;
  const expected = share > usual ? Math.min(share, usual + open) : Math.max(share, usual - open);
  return Math.exp(-n * (divergence(share, expected) + divergence(1 - share, 1 - expected)));
}

function divergence(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log(p / q);
}

function shareText(
  { path, kind }: EncodedColumn,
  name: CategoryFeature['name'],
  { category, share, usual }: MovedShare,
  known: string | undefined,
): string {
  const shares = `${formatShare(share)} of the records, usually ${formatShare(usual)}`;
  if (category === UNSEEN)
    return `${path} holds a ${name === 'presence' ? 'type' : name} never seen before in ${shares}`;
  switch (name) {
    case 'presence':
      return category === 'null' || category === 'missing'
        ? `${path} is ${category} in ${shares}`
        : `${path} is a ${category} in ${shares}`;
    case 'value':
      if (kind === 'boolean') return `${path} is ${category} in ${shares}`;
      // Of a text the model holds only the keyed hash.
      return known === undefined ? `one value of ${path} stands in ${shares}` : `${path} is ${known} in ${shares}`;
    case 'hour':
      return `${path} lies at ${category}:00–${category}:59 UTC in ${shares}`;
    case 'weekday':
      return `${path} lies on a ${WEEKDAYS[Number(category)] ?? category} in ${shares}`;
    default:
      return `${path} has ${name} ${JSON.stringify(category)} in ${shares}`;
  }
}

function correlationChanges(model: RecordModel, table: FeatureTable): Change[] {
  if (model.encoder.correlations.length === 0) return [];
  const matrix = finish(numericFeatures(model.encoder, table));
  const features = model.encoder.columns.flatMap((column) =>
    column.numeric.map((feature) => ({ path: column.path, feature })),
  );
  return model.encoder.correlations.flatMap((usual: Correlation) => {
    const [a, b] = [features[usual.a], features[usual.b]];
    const now = correlationOf(matrix, usual.a, usual.b);
    if (!a || !b || now === undefined || now.records < MIN_RECORDS) return [];
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
  selectionIsFixed: boolean,
): Finding[] {
  const appeared = selectionIsFixed ? unknownColumns(model.encoder, batch).map((path) => `column ${path} is new`) : [];
  const byPath = new Map(batch.columns.map((column) => [column.path, column.features]));
  const changed = model.encoder.columns.flatMap((column) => {
    const now = dominantPresence(byPath.get(column.path));
    const presence = column.categorical.find((feature) => feature.name === 'presence');
    if (now === undefined || presence === undefined || presence.counts.total === 0) return [];
    const before = presence.counts.counts.keys().next().value as string;
    const wasAlways = countOf(presence.counts, before) >= 0.99 * presence.counts.total;
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
