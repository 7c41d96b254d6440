import { finish } from '../../../domain/steps.ts';
import type { Instant } from '../../../domain/time.ts';
import {
  calibrate,
  publishedScore,
  pValue,
  scaled,
  scaleOf,
  SMALLEST_P,
  squashed,
} from '../../statistics/calibration.ts';
import type { Calibration, Scale } from '../../statistics/calibration.ts';
import { categoryScores, leaveOneOutRarities } from './category-scores.ts';
import type { CategoryScores } from './category-scores.ts';
import { distinctRecords } from '../features/distinct-records.ts';
import { fitEncoder, leastDeviations, numericFeatures } from './encoder.ts';
import { tableOfBatch, tableOfWindow } from '../features/feature-table.ts';
import type { Encoder } from './encoder.ts';
import type { FeatureTable } from '../features/feature-table.ts';
import type { ForestOptions } from '../forest/forest-growth.ts';
import type { NeighbourOptions } from '../neighbours/nearest-neighbours.ts';
import { scoreNumericPart, trainNumericPart } from './numeric-part.ts';
import type { Detector, NumericPart } from './numeric-part.ts';
import type { FeatureBatch, WindowRecord } from '../features/record-features.ts';

export interface TrainingOptions {
  /** Identity of the baseline; with `version` it seeds the model, so that two processes train the same one. */
  readonly baselineKey: string;
  readonly version: number;
  readonly trainedAt: Instant;
  /** Below this many records there is no model. */
  readonly minimumRecords?: number;
  readonly detector?: Detector;
  readonly forest?: ForestOptions;
  readonly neighbours?: NeighbourOptions;
}

export interface RecordModel {
  readonly baselineKey: string;
  readonly version: number;
  readonly seed: string;
  readonly trainedAt: Instant;
  readonly trainedOn: { readonly records: number; readonly from: Instant; readonly to: Instant };
  readonly detector: Detector;
  readonly encoder: Encoder;
  /** Absent when no column has a numeric feature. */
  readonly numeric: NumericPart | undefined;
  readonly categorical: CategoricalPart;
}

/** Rarity of the categorical values, null and missing keys among them. */
export interface CategoricalPart {
  readonly scale: Scale;
  readonly calibration: Calibration;
  /** Whether more than a few training records differ in their rarity. */
  readonly varies: boolean;
}

/** One number per record, in the order of the batch. */
export interface RecordScores {
  /** 0–1, higher = stranger, in the order of the p-values: 0.5 for a p-value of 0.5, 0.75 for 0.05. */
  readonly scores: Float64Array;
  /** Calibrated, 0–1: min(1, 2·min of the two parts), which holds under any dependence (Bonferroni). */
  readonly pValues: Float64Array;
  /** Null when the model has no numeric part. */
  readonly pNumeric: Float64Array | null;
  readonly pCategorical: Float64Array;
}

/** A model, and the scores of its own training records by parts that did not see them. */
export interface TrainedRecordModel {
  readonly model: RecordModel;
  /** In the order of the window; 0–1 as in `RecordScores`. */
  readonly trainingScores: RecordScores;
}

export const MINIMUM_RECORDS = 100;
/** Fewer different things than this are not a distribution, however often they were read. */
const MINIMUM_DISTINCT = 30;

/**
 * Trains a model on a window, pausing at least about every 5 ms; null when the window has too few records. The same set
 * of records gives the same model in every process and in every order. A thing read many times counts once.
 */
export function* trainRecordModel(
  window: readonly WindowRecord[],
  options: TrainingOptions,
): Generator<void, RecordModel | null> {
  if (window.length < (options.minimumRecords ?? MINIMUM_RECORDS)) return null;
  const distinct = yield* distinctRecords(window);
  if (distinct.length < MINIMUM_DISTINCT) return null;
  const { model } = yield* trainWithScores(distinct, options);
  return model;
}

/** As `trainRecordModel`, on every record as it stands, without a minimum, and with the training records' own scores in the order of the window. */
export function* trainWithScores(
  window: readonly WindowRecord[],
  options: TrainingOptions,
): Generator<void, TrainedRecordModel> {
  const order = window
    .map((_, index) => index)
    .sort((a, b) => compareKeys(window[a] as WindowRecord, window[b] as WindowRecord));
  const table = yield* tableOfWindow(order.map((index) => window[index] as WindowRecord));
  const { model, trainingScores } = yield* trainTable(table, options);
  return { model, trainingScores: inOrder(trainingScores, order) };
}

/** As `trainWithScores`, on records by column, in their order: another order gives another model. */
export function* trainTable(table: FeatureTable, options: TrainingOptions): Generator<void, TrainedRecordModel> {
  const encoder = yield* fitEncoder(table);
  const seed = `${options.baselineKey}/${options.version}`;
  const detector = options.detector ?? 'joined';
  const rarity = yield* leaveOneOutRarities(encoder, table);
  const categorical = categoricalPart(rarity);
  yield;
  const trained =
    encoder.width === 0
      ? undefined
      : yield* trainNumericPart(yield* numericFeatures(encoder, table), seed, {
          ...options,
          detector,
          leastDeviations: leastDeviations(encoder),
        });
  const model: RecordModel = {
    baselineKey: options.baselineKey,
    version: options.version,
    seed,
    trainedAt: options.trainedAt,
    trainedOn: { records: table.times.length, ...timeRange(table.times) },
    detector,
    encoder,
    numeric: trained?.part,
    categorical,
  };
  const novelty = new Float64Array(table.times.length).fill(1);
  return { model, trainingScores: yield* combine(model, trained?.joined ?? null, { rarity, novelty }) };
}

/** Scores each record by itself: the other records of the batch have no influence. */
export function scoreRecords(model: RecordModel, batch: FeatureBatch): RecordScores {
  return finish(scoreRecordsInSlices(model, batch));
}

/** As `scoreRecords`, pausing every few milliseconds. */
export function scoreRecordsInSlices(model: RecordModel, batch: FeatureBatch): Generator<void, RecordScores> {
  return scoreTable(model, tableOfBatch(batch));
}

export function* scoreTable(model: RecordModel, table: FeatureTable): Generator<void, RecordScores> {
  const categories = yield* categoryScores(model.encoder, table);
  const part = model.numeric;
  if (part === undefined) return yield* combine(model, null, categories);
  const matrix = yield* numericFeatures(model.encoder, table);
  const joined = yield* scoreNumericPart(part, matrix, model.detector);
  yield;
  return yield* combine(model, joined, categories);
}

function compareKeys(a: WindowRecord, b: WindowRecord): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function timeRange(times: readonly Instant[]): { from: Instant; to: Instant } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const at of times) {
    if (at < from) from = at;
    if (at > to) to = at;
  }
  return { from, to };
}

/** Share of the records that may differ from all others in rarity before both parts have to share the level. */
const SELDOM = 0.002;

function categoricalPart(leaveOneOut: Float64Array): CategoricalPart {
  const calibration = calibrate(leaveOneOut);
  const { scores } = calibration;
  const usual = scores[scores.length >>> 1];
  const different = scores.reduce((count, score) => (score === usual ? count : count + 1), 0);
  return { scale: scaleOf(leaveOneOut), calibration, varies: different > SELDOM * scores.length };
}

/** Records whose scores are turned into p-values between two pauses: about a millisecond. */
const COMBINED_PER_SLICE = 2_048;

function* combine(
  { numeric, categorical }: RecordModel,
  joined: Float64Array | null,
  { rarity, novelty }: CategoryScores,
): Generator<void, RecordScores> {
  const rows = rarity.length;
  const scores = new Float64Array(rows);
  const pValues = new Float64Array(rows);
  const pNumeric = numeric && joined ? new Float64Array(rows) : null;
  const pCategorical = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const pOfRarity = pValue(categorical.calibration, rarity[row] as number);
    const pOfCategories = Math.min(pOfRarity, Math.max(SMALLEST_P, novelty[row] as number));
    pCategorical[row] = pOfCategories;
    let position = scaled(categorical.scale, rarity[row] as number);
    let p = pOfCategories;
    if (numeric && joined && pNumeric) {
      const pOfNumbers = pValue(numeric.calibration, joined[row] as number);
      pNumeric[row] = pOfNumbers;
      position = joinedPosition(position, scaled(numeric.scale, joined[row] as number));
      // Where nearly all training records are equally rare, the categorical part can only speak of what hardly any normal
      // record brings: too little to halve the numeric part's level for.
      p = (categorical.varies ? 2 : 1) * Math.min(pOfNumbers, pOfCategories);
    }
    pValues[row] = Math.min(1, p);
    scores[row] = publishedScore(p, 0.5 * (1 + squashed(position)));
    if (row % COMBINED_PER_SLICE === COMBINED_PER_SLICE - 1) yield;
  }
  return { scores, pValues, pNumeric, pCategorical };
}

/** Among records of equal p-value the stranger part decides; the other one orders records that are alike in it. */
function joinedPosition(a: number, b: number): number {
  return Math.max(a, b) + Math.min(a, b) / 4;
}

/** Scores of the sorted window back in the order in which the records were given. */
function inOrder(sorted: RecordScores, order: readonly number[]): RecordScores {
  const back = (values: Float64Array): Float64Array => {
    const result = new Float64Array(values.length);
    order.forEach((original, index) => (result[original] = values[index] as number));
    return result;
  };
  return {
    scores: back(sorted.scores),
    pValues: back(sorted.pValues),
    pNumeric: sorted.pNumeric && back(sorted.pNumeric),
    pCategorical: back(sorted.pCategorical),
  };
}
