import type { Instant } from '../../domain/time.ts';
import { calibrate, pValue, scaled, scaleOf } from './calibration.ts';
import type { Calibration, Scale } from './calibration.ts';
import { distinctRecords } from './distinct-records.ts';
import { fitEncoder, leaveOneOutRarities, numericFeatures, rarities, tableOfBatch, tableOfWindow } from './encoder.ts';
import type { Encoder, FeatureTable } from './encoder.ts';
import { scoreRowsInSlices } from './forest-batch.ts';
import { growForestInSlices, isolationScore, pathLength } from './isolation-forest.ts';
import type { GrownForest, IsolationForest } from './isolation-forest.ts';
import { drawNeighbourSamples, neighbourScore, standardise } from './nearest-neighbours.ts';
import type { DrawnSamples, NeighbourSamples } from './nearest-neighbours.ts';
import type { NumericMatrix } from './numeric-matrix.ts';
import { createPrng } from './prng.ts';
import type { FeatureBatch, WindowRecord } from './record-features.ts';

export const DETECTORS = ['joined', 'forest', 'neighbours'] as const;
/** Which scores the numeric part is made of. The service uses `joined`; the others are for comparison. */
export type Detector = (typeof DETECTORS)[number];

export interface TrainingOptions {
  /** Identity of the baseline; with `version` it seeds the model, so that two processes train the same one. */
  readonly baselineKey: string;
  readonly version: number;
  readonly trainedAt: Instant;
  /** Below this many records there is no model. */
  readonly minimumRecords?: number;
  readonly detector?: Detector;
  /** Random rows per tree and number of trees; by default what §2 and §6 of the detection reference found best. */
  readonly forest?: { readonly trees: number; readonly sampleSize: number };
  readonly neighbours?: { readonly samples: number; readonly sampleSize: number };
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

/** Isolation forest and nearest-neighbour score, each scaled by its training scores, summed. */
export interface NumericPart {
  readonly forest: IsolationForest;
  readonly neighbours: NeighbourSamples;
  readonly forestScale: Scale;
  readonly neighbourScale: Scale;
  readonly scale: Scale;
  readonly calibration: Calibration;
}

/** Rarity of the categorical values, null and missing keys among them. */
export interface CategoricalPart {
  readonly scale: Scale;
  readonly calibration: Calibration;
  /** Whether training records differ at all in their rarity. */
  readonly varies: boolean;
}

/** One number per record, in the order of the batch. */
export interface RecordScores {
  /** 0–1, higher = stranger: 0.5 for a median training record, about 0.75 for one at the 95 % point. */
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
const NEIGHBOURS = { samples: 20, sampleSize: 64 };
/** Rows between two pauses: a few milliseconds at the most columns. */
const ROWS_PER_SLICE = 64;

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
  const records = order.map((index) => window[index] as WindowRecord);
  const table = yield* tableOfWindow(records);
  const encoder = yield* fitEncoder(table);
  const seed = `${options.baselineKey}/${options.version}`;
  const detector = options.detector ?? 'joined';
  const rarity = yield* leaveOneOutRarities(encoder, table);
  const categorical = categoricalPart(rarity);
  yield;
  const trained = yield* numericPart(encoder, table, seed, detector, options);
  const model: RecordModel = {
    baselineKey: options.baselineKey,
    version: options.version,
    seed,
    trainedAt: options.trainedAt,
    trainedOn: { records: records.length, ...timeRange(table.times) },
    detector,
    encoder,
    numeric: trained?.part,
    categorical,
  };
  const sorted = combine(model, trained?.joined ?? null, rarity);
  return { model, trainingScores: inOrder(sorted, order) };
}

/** Scores each record by itself: the other records of the batch have no influence. */
export function scoreRecords(model: RecordModel, batch: FeatureBatch): RecordScores {
  return finish(scoreRecordsInSlices(model, batch));
}

/** As `scoreRecords`, pausing every few milliseconds. */
export function* scoreRecordsInSlices(model: RecordModel, batch: FeatureBatch): Generator<void, RecordScores> {
  const table = tableOfBatch(batch);
  const rarity = yield* rarities(model.encoder, table);
  const part = model.numeric;
  if (part === undefined) return combine(model, null, rarity);
  const matrix = yield* numericFeatures(model.encoder, table);
  const forest = model.detector === 'neighbours' ? undefined : yield* scoreRowsInSlices(part.forest, matrix);
  const neighbours = model.detector === 'forest' ? undefined : yield* neighbourScores(part.neighbours, matrix);
  const joined = join(part, forest, neighbours, matrix.rows);
  for (let row = 0; row < matrix.rows; row++) if (!hasValue(matrix, row)) joined[row] = Number.NaN;
  return combine(model, joined, rarity);
}

/** Runs a sliced computation to its end. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
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

function categoricalPart(leaveOneOut: Float64Array): CategoricalPart {
  const scores = calibrate(leaveOneOut);
  return {
    scale: scaleOf(leaveOneOut),
    calibration: scores,
    varies: scores.scores.length > 0 && scores.scores[0] !== scores.scores.at(-1),
  };
}

interface TrainedNumericPart {
  readonly part: NumericPart;
  readonly joined: Float64Array;
}

function* numericPart(
  encoder: Encoder,
  table: FeatureTable,
  seed: string,
  detector: Detector,
  options: TrainingOptions,
): Generator<void, TrainedNumericPart | undefined> {
  if (encoder.width === 0) return undefined;
  const matrix = yield* numericFeatures(encoder, table);
  const grown = yield* growForestInSlices(
    matrix,
    options.forest ?? forestSize(matrix.rows),
    createPrng(`${seed}/forest`),
  );
  const drawn = drawNeighbourSamples(matrix, options.neighbours ?? NEIGHBOURS, createPrng(`${seed}/neighbours`));
  yield;
  const outOfBag = yield* outOfBagScores(grown, matrix);
  const leftOut = yield* leaveOneOutNeighbourScores(drawn, matrix);
  const { forest } = grown;
  const { neighbours } = drawn;
  const scales = { forestScale: scaleOf(outOfBag), neighbourScale: scaleOf(leftOut) };
  const joined = join(
    scales,
    detector === 'neighbours' ? undefined : outOfBag,
    detector === 'forest' ? undefined : leftOut,
    matrix.rows,
  );
  const part = { forest, neighbours, ...scales, scale: scaleOf(joined), calibration: calibrate(joined) };
  return { part, joined };
}

/** Small windows get smaller samples and more trees, so that each record is left out by many trees. */
function forestSize(records: number): { trees: number; sampleSize: number } {
  const sampleSize = Math.min(256, Math.floor(0.632 * records));
  return { trees: records <= 512 ? 200 : 100, sampleSize: Math.max(2, sampleSize) };
}

/** Score of each training row by the trees that did not see it; NaN for a row that every tree saw. */
function* outOfBagScores({ forest, inBag }: GrownForest, matrix: NumericMatrix): Generator<void, Float64Array> {
  const sums = new Float64Array(matrix.rows);
  const trees = new Uint32Array(matrix.rows);
  const seen = new Uint8Array(matrix.rows);
  for (let tree = 0; tree < inBag.length; tree++) {
    seen.fill(0);
    for (const row of inBag[tree] as Int32Array) seen[row] = 1;
    for (let row = 0; row < matrix.rows; row++) {
      if (seen[row] === 1) continue;
      sums[row] = (sums[row] as number) + pathLength(forest, tree, matrix.data, row * matrix.columns);
      trees[row] = (trees[row] as number) + 1;
      if (row % 4_096 === 4_095) yield;
    }
    yield;
  }
  return sums.map((sum, row) => isolationScore(sum / (trees[row] as number), forest.sampleSize));
}

function* leaveOneOutNeighbourScores(
  { neighbours, sources }: DrawnSamples,
  matrix: NumericMatrix,
): Generator<void, Float64Array> {
  return yield* neighbourScores(neighbours, matrix, sources);
}

/** With `sources`, the rows are the training rows and none is its own neighbour. */
function* neighbourScores(
  neighbours: NeighbourSamples,
  matrix: NumericMatrix,
  sources?: Int32Array,
): Generator<void, Float64Array> {
  const scores = new Float64Array(matrix.rows);
  const row = new Float32Array(matrix.columns);
  for (let index = 0; index < matrix.rows; index++) {
    standardise(neighbours, matrix.data, index * matrix.columns, row);
    scores[index] = neighbourScore(neighbours, row, index, sources);
    if (index % ROWS_PER_SLICE === ROWS_PER_SLICE - 1) yield;
  }
  return scores;
}

function join(
  { forestScale, neighbourScale }: Pick<NumericPart, 'forestScale' | 'neighbourScale'>,
  forest: Float64Array | undefined,
  neighbours: Float64Array | undefined,
  rows: number,
): Float64Array {
  const joined = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    joined[row] =
      (forest ? scaled(forestScale, forest[row] as number) : 0) +
      (neighbours ? scaled(neighbourScale, neighbours[row] as number) : 0);
  }
  return joined;
}

function hasValue({ columns, data }: NumericMatrix, row: number): boolean {
  for (let index = row * columns; index < (row + 1) * columns; index++) {
    if (!Number.isNaN(data[index])) return true;
  }
  return false;
}

function combine(model: RecordModel, joined: Float64Array | null, rarity: Float64Array): RecordScores {
  const { numeric, categorical } = model;
  const rows = rarity.length;
  const scores = new Float64Array(rows);
  const pValues = new Float64Array(rows);
  const pNumeric = numeric && joined ? new Float64Array(rows) : null;
  const pCategorical = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const pOfCategories = pValue(categorical.calibration, rarity[row] as number);
    pCategorical[row] = pOfCategories;
    let position = scaled(categorical.scale, rarity[row] as number);
    let p = pOfCategories;
    if (numeric && joined && pNumeric) {
      const pOfNumbers = pValue(numeric.calibration, joined[row] as number);
      pNumeric[row] = pOfNumbers;
      position = joinedPosition(position, scaled(numeric.scale, joined[row] as number));
      // Where all training records are equally rare, the categorical part can only speak of a value never seen, which a
      // normal record brings with probability 1/(n + 1): too little to halve the numeric part's level for.
      p = Math.min(1, (categorical.varies ? 2 : 1) * Math.min(pOfNumbers, pOfCategories));
    }
    pValues[row] = p;
    scores[row] = 0.5 * (1 + position / (1 + Math.abs(position)));
  }
  return { scores, pValues, pNumeric, pCategorical };
}

/** The stranger part decides, as for p-values; the other one orders records that are alike in it. */
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
