import { isolationScore, pathLength } from './isolation-forest.ts';
import type { IsolationForest } from './isolation-forest.ts';
import type { NumericMatrix } from './numeric-matrix.ts';

/**
 * Scores of many rows at once. Each tree is laid out as a complete binary tree of the height limit, so that every row
 * takes the same number of steps and four rows can be followed side by side: 2–3 times the speed of the plain loop, with
 * the same scores bit for bit. The layout is made per batch and not kept: it would double a model's memory.
 */
const BLOCK = 256;
/** Below this many rows laying the trees out costs more than it saves. */
const MIN_ROWS = 192;
/** 2^12 leaves a tree; deeper forests (samples above 4,096 rows) are scored by the plain loop. */
const MAX_HEIGHT = 12;

/** Scores, 0–1, higher = stranger, in the order of the rows. */
export function scoreRows(forest: IsolationForest, matrix: NumericMatrix): Float64Array {
  const steps = scoreRowsInSlices(forest, matrix);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As `scoreRows`, pausing after each block of 256 rows (about 1 ms of work). */
export function* scoreRowsInSlices(forest: IsolationForest, matrix: NumericMatrix): Generator<void, Float64Array> {
  const sums = new Float64Array(matrix.rows);
  const complete = matrix.rows >= MIN_ROWS && forest.heightLimit <= MAX_HEIGHT ? layOut(forest) : undefined;
  for (let from = 0; from < matrix.rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, matrix.rows);
    if (complete && !hasMissing(matrix, from, to)) addComplete(complete, matrix, from, to, sums);
    else addPlain(forest, matrix, from, to, sums);
    yield;
  }
  const trees = forest.roots.length;
  for (let row = 0; row < sums.length; row++) {
    sums[row] = isolationScore((sums[row] as number) / trees, forest.sampleSize);
  }
  return sums;
}

interface CompleteTrees {
  readonly trees: number;
  readonly height: number;
  /** Inner nodes, tree after tree; the children of node i are 2i + 1 and 2i + 2. */
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  /** Path lengths of the leaves, tree after tree. */
  readonly leaves: Float64Array;
}

function layOut(forest: IsolationForest): CompleteTrees {
  const trees = forest.roots.length;
  const height = forest.heightLimit;
  const inner = 2 ** height - 1;
  const feature = new Int32Array(trees * inner);
  const threshold = new Float64Array(trees * inner);
  const leaves = new Float64Array(trees * (inner + 1));
  for (let tree = 0; tree < trees; tree++) {
    const nodeOffset = tree * inner;
    const leafOffset = tree * (inner + 1);
    const place = (slot: number, node: number): void => {
      const column = forest.feature[node] as number;
      if (slot >= inner) {
        leaves[leafOffset + slot - inner] = forest.threshold[node] as number;
        return;
      }
      // A leaf above the last level is copied down; +∞ sends every row to the left.
      feature[nodeOffset + slot] = Math.max(0, column);
      threshold[nodeOffset + slot] = column < 0 ? Number.POSITIVE_INFINITY : (forest.threshold[node] as number);
      const left = column < 0 ? node : node + (forest.left[node] as number);
      place(2 * slot + 1, left);
      if (column >= 0) place(2 * slot + 2, left + 1);
    };
    place(0, forest.roots[tree] as number);
  }
  return { trees, height, feature, threshold, leaves };
}

function hasMissing({ columns, data }: NumericMatrix, from: number, to: number): boolean {
  for (let i = from * columns; i < to * columns; i++) if (Number.isNaN(data[i])) return true;
  return false;
}

function addPlain(forest: IsolationForest, matrix: NumericMatrix, from: number, to: number, sums: Float64Array): void {
  const trees = forest.roots.length;
  for (let row = from; row < to; row++) {
    const start = row * matrix.columns;
    let sum = 0;
    for (let tree = 0; tree < trees; tree++) sum += pathLength(forest, tree, matrix.data, start);
    sums[row] = sum;
  }
}

/** Sums are taken tree by tree in ascending order, as in the plain loop: the same roundings, the same bits. */
function addComplete(
  complete: CompleteTrees,
  matrix: NumericMatrix,
  from: number,
  to: number,
  sums: Float64Array,
): void {
  const { trees, height, feature, threshold, leaves } = complete;
  const { columns, data } = matrix;
  const inner = 2 ** height - 1;
  for (let tree = 0; tree < trees; tree++) {
    const nodes = tree * inner;
    const ends = tree * (inner + 1) - inner;
    let row = from;
    for (; row + 4 <= to; row += 4) {
      const r0 = row * columns;
      const r1 = r0 + columns;
      const r2 = r1 + columns;
      const r3 = r2 + columns;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let level = 0; level < height; level++) {
        const n0 = nodes + s0;
        const n1 = nodes + s1;
        const n2 = nodes + s2;
        const n3 = nodes + s3;
        s0 = 2 * s0 + 1 + +((data[r0 + (feature[n0] as number)] as number) > (threshold[n0] as number));
        s1 = 2 * s1 + 1 + +((data[r1 + (feature[n1] as number)] as number) > (threshold[n1] as number));
        s2 = 2 * s2 + 1 + +((data[r2 + (feature[n2] as number)] as number) > (threshold[n2] as number));
        s3 = 2 * s3 + 1 + +((data[r3 + (feature[n3] as number)] as number) > (threshold[n3] as number));
      }
      sums[row] = (sums[row] as number) + (leaves[ends + s0] as number);
      sums[row + 1] = (sums[row + 1] as number) + (leaves[ends + s1] as number);
      sums[row + 2] = (sums[row + 2] as number) + (leaves[ends + s2] as number);
      sums[row + 3] = (sums[row + 3] as number) + (leaves[ends + s3] as number);
    }
    for (; row < to; row++) {
      const start = row * columns;
      let slot = 0;
      for (let level = 0; level < height; level++) {
        const node = nodes + slot;
        slot = 2 * slot + 1 + +((data[start + (feature[node] as number)] as number) > (threshold[node] as number));
      }
      sums[row] = (sums[row] as number) + (leaves[ends + slot] as number);
    }
  }
}
