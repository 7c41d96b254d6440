import { isolationScore, leafLength, pathLength } from './isolation-forest.ts';
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
    const whole = complete ? wholeRows(matrix, from, to) : NO_ROWS;
    if (complete) addComplete(complete, matrix, whole, sums);
    addPlain(forest, matrix, from, to, whole, sums);
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
    // A leaf above the last level is copied down to it; +∞ sends every row to its left.
    const placeLeaf = (slot: number, length: number): void => {
      let end = slot;
      for (; end < inner; end = 2 * end + 1) threshold[nodeOffset + end] = Number.POSITIVE_INFINITY;
      leaves[leafOffset + end - inner] = length;
    };
    const place = (slot: number, depth: number, node: number): void => {
      feature[nodeOffset + slot] = forest.feature[node] as number;
      threshold[nodeOffset + slot] = forest.threshold[node] as number;
      placeChild(2 * slot + 1, depth + 1, node, forest.left[node] as number);
      placeChild(2 * slot + 2, depth + 1, node, forest.right[node] as number);
    };
    const placeChild = (slot: number, depth: number, node: number, child: number): void => {
      if (child < 0) placeLeaf(slot, leafLength(depth, -child));
      else place(slot, depth, node + child);
    };
    const root = forest.roots[tree] as number;
    if (root < 0) placeLeaf(0, leafLength(0, -root));
    else place(0, 0, root);
  }
  return { trees, height, feature, threshold, leaves };
}

const NO_ROWS = new Int32Array();

/** Rows of the block without a missing cell, ascending. */
function wholeRows({ columns, data }: NumericMatrix, from: number, to: number): Int32Array {
  const whole = new Int32Array(to - from);
  let count = 0;
  for (let row = from; row < to; row++) {
    let index = row * columns;
    const end = index + columns;
    while (index < end && !Number.isNaN(data[index])) index++;
    if (index === end) whole[count++] = row;
  }
  return whole.subarray(0, count);
}

/** All rows of the block but those in `except`, which is ascending. */
function addPlain(
  forest: IsolationForest,
  matrix: NumericMatrix,
  from: number,
  to: number,
  except: Int32Array,
  sums: Float64Array,
): void {
  const trees = forest.roots.length;
  let next = 0;
  for (let row = from; row < to; row++) {
    if (except[next] === row) {
      next++;
      continue;
    }
    const start = row * matrix.columns;
    let sum = 0;
    for (let tree = 0; tree < trees; tree++) sum += pathLength(forest, tree, matrix.data, start);
    sums[row] = sum;
  }
}

/** Sums are taken tree by tree in ascending order, as in the plain loop: the same roundings, the same bits. */
function addComplete(complete: CompleteTrees, matrix: NumericMatrix, rows: Int32Array, sums: Float64Array): void {
  const { trees, height, feature, threshold, leaves } = complete;
  const { columns, data } = matrix;
  const inner = 2 ** height - 1;
  const fours = rows.length - (rows.length % 4);
  for (let tree = 0; tree < trees; tree++) {
    const nodes = tree * inner;
    const ends = tree * (inner + 1) - inner;
    for (let i = 0; i < fours; i += 4) {
      const row0 = rows[i] as number;
      const row1 = rows[i + 1] as number;
      const row2 = rows[i + 2] as number;
      const row3 = rows[i + 3] as number;
      const r0 = row0 * columns;
      const r1 = row1 * columns;
      const r2 = row2 * columns;
      const r3 = row3 * columns;
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
      sums[row0] = (sums[row0] as number) + (leaves[ends + s0] as number);
      sums[row1] = (sums[row1] as number) + (leaves[ends + s1] as number);
      sums[row2] = (sums[row2] as number) + (leaves[ends + s2] as number);
      sums[row3] = (sums[row3] as number) + (leaves[ends + s3] as number);
    }
    for (let i = fours; i < rows.length; i++) {
      const row = rows[i] as number;
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
