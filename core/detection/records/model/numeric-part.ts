import { cellSlices } from '../features/cell-slices.ts';
import { calibrate, scaled, scaleOf } from '../../statistics/calibration.ts';
import type { Calibration, Scale } from '../../statistics/calibration.ts';
import { scoreRowsInSlices } from '../forest/forest-batch.ts';
import { growForestInSlices } from '../forest/forest-growth.ts';
import type { ForestOptions, GrownForest } from '../forest/forest-growth.ts';
import { isolationScore, pathLength } from '../forest/isolation-forest.ts';
import type { IsolationForest } from '../forest/isolation-forest.ts';
import { meanNearestDistance } from '../neighbours/nearest-distance.ts';
import { drawNeighbourSamples, standardise } from '../neighbours/nearest-neighbours.ts';
import type { NeighbourOptions, NeighbourSamples } from '../neighbours/nearest-neighbours.ts';
import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';
import { createPrng } from '../../statistics/prng.ts';

export const DETECTORS = ['joined', 'forest', 'neighbours'] as const;
/** Which scores the numeric part is made of. The service uses `joined`; the others are for comparison. */
export type Detector = (typeof DETECTORS)[number];

/** Isolation forest and nearest-neighbour score, each scaled by its training scores, summed. */
export interface NumericPart {
  readonly forest: IsolationForest;
  readonly neighbours: NeighbourSamples;
  readonly forestScale: Scale;
  readonly neighbourScale: Scale;
  readonly scale: Scale;
  readonly calibration: Calibration;
}

export interface NumericPartOptions {
  readonly detector: Detector;
  /** By default what §2 and §6 of the detection reference found best. */
  readonly forest?: ForestOptions | undefined;
  readonly neighbours?: NeighbourOptions | undefined;
  /** Of each column of the matrix (nearest-neighbours.ts). */
  readonly leastDeviations: Float64Array;
}

const NEIGHBOURS = { samples: 20, sampleSize: 64 };

export interface TrainedNumericPart {
  readonly part: NumericPart;
  /** Joined scores of the training rows by what did not see them. */
  readonly joined: Float64Array;
}

/** Trains both scores on the rows of a matrix; the same matrix and seed give the same part. */
export function* trainNumericPart(
  matrix: NumericMatrix,
  seed: string,
  options: NumericPartOptions,
): Generator<void, TrainedNumericPart> {
  const grown = yield* growForestInSlices(
    matrix,
    options.forest ?? forestSize(matrix.rows),
    createPrng(`${seed}/forest`),
  );
  const neighbourOptions = { ...(options.neighbours ?? NEIGHBOURS), leastDeviations: options.leastDeviations };
  const drawn = drawNeighbourSamples(matrix, neighbourOptions, createPrng(`${seed}/neighbours`));
  yield;
  const outOfBag = yield* outOfBagScores(grown, matrix);
  const leftOut = yield* neighbourScores(drawn.neighbours, matrix, drawn.sources);
  yield;
  const scales = { forestScale: scaleOf(outOfBag), neighbourScale: scaleOf(leftOut) };
  yield;
  const joined = join(
    scales,
    options.detector === 'neighbours' ? undefined : outOfBag,
    options.detector === 'forest' ? undefined : leftOut,
    matrix.rows,
  );
  const { forest } = grown;
  const { neighbours } = drawn;
  const scale = scaleOf(joined);
  yield;
  return { part: { forest, neighbours, ...scales, scale, calibration: calibrate(joined) }, joined };
}

/** Joined score of each row, higher = stranger, on no fixed scale; NaN for a row without any value. */
export function* scoreNumericPart(
  part: NumericPart,
  matrix: NumericMatrix,
  detector: Detector,
): Generator<void, Float64Array> {
  const forest = detector === 'neighbours' ? undefined : yield* scoreRowsInSlices(part.forest, matrix);
  const neighbours = detector === 'forest' ? undefined : yield* neighbourScores(part.neighbours, matrix);
  const joined = join(part, forest, neighbours, matrix.rows);
  for (let row = 0; row < matrix.rows; row++) if (!hasValue(matrix, row)) joined[row] = Number.NaN;
  return joined;
}

/**
 * Small windows get smaller samples and more trees, so that each record is left out by many trees; as many more as keep
 * the forest within the size of 100 trees of 256 records.
 */
function forestSize(records: number): { trees: number; sampleSize: number } {
  const sampleSize = Math.max(2, Math.min(256, Math.floor(0.632 * records)));
  return { trees: Math.max(100, Math.min(200, Math.round(25_600 / sampleSize))), sampleSize };
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
      if (row % 4_096 === 4_095) yield;
      if (seen[row] === 1) continue;
      sums[row] = (sums[row] as number) + pathLength(forest, tree, matrix.data, row * matrix.columns);
      trees[row] = (trees[row] as number) + 1;
    }
    yield;
  }
  return sums.map((sum, row) => isolationScore(sum / (trees[row] as number), forest.sampleSize));
}

/** With `sources`, the rows are the training rows and none is its own neighbour. */
function* neighbourScores(
  neighbours: NeighbourSamples,
  matrix: NumericMatrix,
  sources?: Int32Array,
): Generator<void, Float64Array> {
  const scores = new Float64Array(matrix.rows);
  const row = new Float32Array(matrix.columns);
  const sampledAs = sources && Map.groupBy(sources.keys(), (index) => sources[index]);
  const slice = cellSlices();
  for (let index = 0; index < matrix.rows; index++) {
    standardise(neighbours, matrix.data, index * matrix.columns, row);
    scores[index] = meanNearestDistance(neighbours, row, sampledAs?.get(index));
    if (slice.isFull(matrix.columns)) yield;
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
