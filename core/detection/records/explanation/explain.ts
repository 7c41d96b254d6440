import type { FieldEvidence, Finding } from '../../../domain/finding.ts';
import type { Dataset } from '../../../domain/observation.ts';
import { numericFeatures } from '../model/encoder.ts';
import { tableOfBatch } from '../features/feature-table.ts';
import type { EncodedColumn } from '../model/encoded-column.ts';
import type { FeatureTable } from '../features/feature-table.ts';
import { columnEvidence } from './field-evidence.ts';
import type { ColumnEvidence } from './field-evidence.ts';
import { localDiffi } from '../forest/local-diffi.ts';
import { cellIndex, nearestSampledRow, standardise } from '../neighbours/nearest-neighbours.ts';
import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';
import type { FeatureBatch } from '../features/record-features.ts';
import { formatNumber } from '../features/number-text.ts';
import { countOf, rarityOf } from '../model/rarity.ts';
import { scoreRecords } from '../model/record-model.ts';
import { finish } from '../../../domain/steps.ts';
import type { RecordModel } from '../model/record-model.ts';
import { categoryOf } from '../features/running-reference.ts';
import type { TextDictionary } from '../features/text-dictionary.ts';

/** Why a record was flagged, ready to become a finding. */
export interface Explanation {
  readonly kind: Extract<Finding['kind'], 'unusual_value' | 'unusual_combination'>;
  readonly reason: string;
  /** At most five, the most telling first; their contributions sum to at most 1. */
  readonly fields: readonly FieldEvidence[];
}

const MAX_FIELDS = 5;
const MAX_NAMED = 3;
/** Fields less remarkable than one in five explain nothing. */
const SHOWN_TAIL = 0.2;

/**
 * Explains record `index` of a batch; meant for flagged records only. With the dataset the batch was made of, values are
 * shown as far as redaction allows; without it only what features hold. With a dictionary, the usual categories are named.
 */
export function explainRecord(
  model: RecordModel,
  batch: FeatureBatch,
  index: number,
  dataset?: Dataset,
  dictionary?: TextDictionary,
): Explanation {
  const record = recordOf(batch, index);
  const table = tableOfBatch(record);
  const matrix = finish(numericFeatures(model.encoder, table));
  const cells = new Map(dataset?.columns.map((column) => [column.path, column.cells[index]]));
  const evidence = model.encoder.columns.flatMap((column, position) => {
    const found = columnEvidence(
      column,
      table.columns.get(column.path)?.[0],
      batch.at,
      cells.get(column.path),
      (hash) => dictionary?.textOf(dataset?.name ?? '', column.path, hash),
    );
    return found === undefined ? [] : [{ ...found, position }];
  });
  if (evidence.some((field) => field.unusual)) return unusualValue(ordered(model, matrix, evidence));
  const { pNumeric, pCategorical } = scoreRecords(model, record);
  const byNumbers = pNumeric !== null && (pNumeric[0] as number) <= (pCategorical[0] as number);
  const share = byNumbers ? distanceShares(model, matrix) : rarityShares(model, table);
  // Where no share tells the fields apart, they come in the order in which they are remarkable by themselves.
  const isTelling = share.some((part) => part > 0);
  return unusualCombination(model, isTelling ? evidence : ordered(model, matrix, evidence), share);
}

type PlacedEvidence = ColumnEvidence & { readonly position: number };

function recordOf(batch: FeatureBatch, index: number): FeatureBatch {
  return {
    at: batch.at,
    recordCount: 1,
    columns: batch.columns.map(({ path, features }) => ({ path, features: [features[index]] })),
  };
}

function unusualValue(fields: readonly PlacedEvidence[]): Explanation {
  const total = fields.reduce((sum, field) => sum + field.strength, 0);
  const named = fields.filter((field) => field.unusual).slice(0, MAX_NAMED);
  return {
    kind: 'unusual_value',
    reason: named.map((field) => field.text).join('; '),
    fields: fields
      .filter((field) => field.unusual || field.tailProbability <= SHOWN_TAIL)
      .slice(0, MAX_FIELDS)
      .map((field) => published(field, total > 0 ? field.strength / total : 0)),
  };
}

/** Fields that are unusual by themselves come first. */
function ordered(model: RecordModel, matrix: NumericMatrix, evidence: readonly PlacedEvidence[]): PlacedEvidence[] {
  const importance = columnImportance(model, model.encoder.columns, matrix);
  return [true, false].flatMap((unusual) =>
    merged(
      evidence.filter((field) => field.unusual === unusual),
      importance,
    ),
  );
}

/**
 * Columns with numeric features in the order of the mean of two ranks, local DIFFI and tail probability (each alone is
 * right less often), merged with the categorical ones by strength.
 */
function merged(evidence: readonly PlacedEvidence[], importance: readonly number[]): PlacedEvidence[] {
  const byStrength = (a: PlacedEvidence, b: PlacedEvidence): number =>
    b.strength - a.strength || a.position - b.position;
  const numeric = evidence.filter((field) => field.frequency === undefined).sort(byStrength);
  const byImportance = numeric.toSorted(
    (a, b) => (importance[b.position] as number) - (importance[a.position] as number),
  );
  const rank = new Map(numeric.map((field, place) => [field, place + byImportance.indexOf(field)]));
  numeric.sort((a, b) => (rank.get(a) as number) - (rank.get(b) as number) || byStrength(a, b));
  const inOrder: PlacedEvidence[] = [];
  const categorical = evidence.filter((field) => field.frequency !== undefined).sort(byStrength);
  while (numeric.length > 0 || categorical.length > 0) {
    const [number, category] = [numeric[0], categorical[0]];
    const takeNumber = category === undefined || (number !== undefined && number.strength >= category.strength);
    inOrder.push((takeNumber ? numeric : categorical).shift() as PlacedEvidence);
  }
  return inOrder;
}

/** Local DIFFI of each column: that of its most important feature. */
function columnImportance(model: RecordModel, columns: readonly EncodedColumn[], matrix: NumericMatrix): number[] {
  if (model.numeric === undefined) return columns.map(() => 0);
  const importance = localDiffi(model.numeric.forest, matrix.data, 0);
  return sumOverColumns(columns, importance, Math.max);
}

/** Each column's share of the squared distance to the nearest sampled training record. */
function distanceShares(model: RecordModel, matrix: NumericMatrix): number[] {
  const columns = model.encoder.columns;
  if (model.numeric === undefined) return columns.map(() => 0);
  const { neighbours } = model.numeric;
  const row = new Float32Array(matrix.columns);
  standardise(neighbours, matrix.data, 0, row);
  const nearest = nearestSampledRow(neighbours, row);
  const squares = Float64Array.from(row, (value, column) => {
    const difference = nearest < 0 ? 0 : value - (neighbours.rows[cellIndex(neighbours, nearest, column)] as number);
    return Number.isNaN(difference) ? 0 : difference * difference;
  });
  return shares(sumOverColumns(columns, squares, (a, b) => a + b));
}

/** Each column's share of the record's rarity, of which it is a summand. */
function rarityShares({ encoder }: RecordModel, table: FeatureTable): number[] {
  return shares(
    encoder.columns.map(({ path, categorical }) =>
      categorical.reduce((sum, feature) => {
        const value = categoryOf(feature, table.columns.get(path)?.[0]);
        return value === undefined ? sum : sum + rarityOf(feature.counts, countOf(feature.counts, value));
      }, 0),
    ),
  );
}

/** The fields of the largest shares, or where there are none the first fields. */
function unusualCombination(
  model: RecordModel,
  fields: readonly PlacedEvidence[],
  share: readonly number[],
): Explanation {
  const telling = fields
    .filter((field) => (share[field.position] as number) > 0)
    .sort((a, b) => (share[b.position] as number) - (share[a.position] as number));
  const shown = (telling.length > 0 ? telling : fields).slice(0, MAX_FIELDS);
  const texts = shown
    .slice(0, MAX_NAMED)
    .map((field) => (field.value === null ? field.path : `${field.path} ${field.value}`));
  return {
    kind: 'unusual_combination',
    reason: `unusual combination${texts.length > 0 ? `: ${texts.join(', ')}` : ''} – each usual by itself, together unlike the ${formatNumber(model.trainedOn.records)} records learnt`,
    fields: shown.map((field) =>
      published(field, telling.length > 0 ? (share[field.position] as number) : 1 / shown.length),
    ),
  };
}

function published(
  { strength: _s, unusual: _u, position: _p, ...field }: PlacedEvidence,
  contribution: number,
): FieldEvidence {
  return { ...field, contribution };
}

function sumOverColumns(
  columns: readonly EncodedColumn[],
  features: Float64Array,
  join: (a: number, b: number) => number,
): number[] {
  let offset = 0;
  return columns.map((column) => {
    let joined = 0;
    for (let i = 0; i < column.numeric.length; i++) joined = join(joined, features[offset++] as number);
    return joined;
  });
}

function shares(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => (total > 0 ? value / total : 0));
}
