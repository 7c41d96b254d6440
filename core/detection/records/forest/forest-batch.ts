import { finish } from '../../../domain/steps.ts';
import { cellSlices } from '../features/cell-slices.ts';
import { addCompleteTrees, fitsLayout, layOut } from './complete-trees.ts';
import { isolationScore, sumOfPathLengths } from './isolation-forest.ts';
import type { IsolationForest } from './isolation-forest.ts';
import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';
import { addRowsWithGaps } from './rows-with-gaps.ts';

/** Rows between two pauses: about a millisecond of work. */
const BLOCK = 256;
/** Below this many whole rows laying the trees out costs more than it saves. The layout is not kept: it would double a model's memory. */
const MIN_LAID_OUT = 512;
/** Below this many rows that lack the same cells each goes through the trees by itself. */
const MIN_TOGETHER = 64;

/** Scores, 0–1, higher = stranger, in the order of the rows, bit for bit those of each row by itself. */
export function scoreRows(forest: IsolationForest, matrix: NumericMatrix): Float64Array {
  return finish(scoreRowsInSlices(forest, matrix));
}

/** As `scoreRows`, pausing every few milliseconds. */
export function* scoreRowsInSlices(forest: IsolationForest, matrix: NumericMatrix): Generator<void, Float64Array> {
  const sums = new Float64Array(matrix.rows);
  const { whole, gaps } = yield* byMissingCells(matrix);
  if (whole.length >= MIN_LAID_OUT && fitsLayout(forest)) {
    const trees = layOut(forest);
    yield;
    for (const block of blocksOf(whole)) {
      addCompleteTrees(trees, matrix, block, sums);
      yield;
    }
  } else {
    yield* addRowByRow(forest, matrix, whole, sums);
  }
  for (const rows of gaps) {
    for (const block of blocksOf(rows)) {
      if (block.length >= MIN_TOGETHER) addRowsWithGaps(forest, matrix, block, sums);
      else yield* addRowByRow(forest, matrix, block, sums);
      yield;
    }
  }
  const trees = forest.roots.length;
  for (let row = 0; row < sums.length; row++) {
    sums[row] = isolationScore((sums[row] as number) / trees, forest.sampleSize);
  }
  return sums;
}

interface RowsByMissingCells {
  readonly whole: Int32Array;
  /** Rows that lack the same cells, together. */
  readonly gaps: readonly Int32Array[];
}

function* byMissingCells({ rows, columns, data }: NumericMatrix): Generator<void, RowsByMissingCells> {
  const whole: number[] = [];
  const gaps = new Map<string, number[]>();
  const slice = cellSlices();
  for (let row = 0; row < rows; row++) {
    let missing = '';
    for (let column = 0; column < columns; column++) {
      if (Number.isNaN(data[row * columns + column])) missing += `${column} `;
    }
    const alike = missing === '' ? whole : gaps.get(missing);
    if (alike === undefined) gaps.set(missing, [row]);
    else alike.push(row);
    if (slice.isFull(columns)) yield;
  }
  return { whole: Int32Array.from(whole), gaps: [...gaps.values()].map((alike) => Int32Array.from(alike)) };
}

function* blocksOf(rows: Int32Array): Generator<Int32Array> {
  for (let from = 0; from < rows.length; from += BLOCK) yield rows.subarray(from, from + BLOCK);
}

function* addRowByRow(
  forest: IsolationForest,
  { columns, data }: NumericMatrix,
  rows: Int32Array,
  sums: Float64Array,
): Generator<void, void> {
  let done = 0;
  for (const row of rows) {
    sums[row] = sumOfPathLengths(forest, data, row * columns);
    if (++done % BLOCK === 0) yield;
  }
}
