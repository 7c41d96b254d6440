import { leafLength } from './isolation-forest.ts';
import type { IsolationForest } from './isolation-forest.ts';
import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';

/**
 * Each tree laid out as a complete binary tree of the height limit, so that every row takes the same number of steps and
 * four rows can be followed side by side. Values are first replaced by their rank among the feature's split values: a
 * comparison of integers needs no branch that the processor could mispredict, and a node fits one word (measured: 4 times
 * the plain loop at 10,000 rows). For rows without a missing cell.
 */
export interface CompleteTrees {
  readonly trees: number;
  readonly height: number;
  /** Inner nodes, tree after tree; the children of node i are 2i + 1 and 2i + 2. Feature << 16 | rank of the split. */
  readonly nodes: Int32Array;
  /** Path lengths of the leaves, tree after tree. */
  readonly leaves: Float64Array;
  readonly splits: readonly SplitValues[];
}

/** 2^12 leaves a tree; deeper forests (samples above 4,096 rows) have no layout. */
const MAX_HEIGHT = 12;
/** Ranks and features take 16 bits of a node each. */
const MAX_RANK = 0xffff;

export function fitsLayout(forest: IsolationForest): boolean {
  return (
    forest.columns > 0 &&
    forest.heightLimit <= MAX_HEIGHT &&
    forest.feature.length < MAX_RANK &&
    forest.columns < MAX_RANK >>> 1
  );
}

export function layOut(forest: IsolationForest): CompleteTrees {
  const trees = forest.roots.length;
  const height = forest.heightLimit;
  const inner = (1 << height) - 1;
  const splits = splitValues(forest);
  // A rank no value reaches sends every row to the left.
  const nodes = new Int32Array(trees * inner).fill(MAX_RANK);
  const leaves = new Float64Array(trees * (inner + 1));
  for (let tree = 0; tree < trees; tree++) {
    const nodeOffset = tree * inner;
    const leafOffset = tree * (inner + 1);
    // A leaf above the last level is copied down to it, always to the left.
    const placeLeaf = (slot: number, length: number): void => {
      let end = slot;
      while (end < inner) end = 2 * end + 1;
      leaves[leafOffset + end - inner] = length;
    };
    const place = (slot: number, depth: number, node: number): void => {
      const column = forest.feature[node] as number;
      nodes[nodeOffset + slot] =
        (column << 16) | rankOf(splits[column] as SplitValues, forest.threshold[node] as number);
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
  return { trees, height, nodes, leaves, splits };
}

/** The split values of one feature, ascending, with a table that says where to look. */
interface SplitValues {
  readonly sorted: Float64Array;
  /** Bucket of a value: (value − low) · perUnit, within the table. */
  readonly low: number;
  readonly perUnit: number;
  /** Number of split values in lower buckets; one more entry than buckets. */
  readonly starts: Uint16Array;
}

const BUCKETS = 1_024;

function splitValues(forest: IsolationForest): SplitValues[] {
  const values: number[][] = Array.from({ length: forest.columns }, () => []);
  forest.feature.forEach((column, node) => values[column]?.push(forest.threshold[node] as number));
  return values.map((unsorted) => {
    const sorted = Float64Array.from(unsorted).sort();
    const low = sorted[0] ?? 0;
    const perUnit = BUCKETS / ((sorted.at(-1) ?? 0) - low);
    const table = {
      sorted,
      low,
      perUnit: Number.isFinite(perUnit) ? perUnit : 0,
      starts: new Uint16Array(BUCKETS + 1),
    };
    for (const value of sorted) table.starts[bucketOf(table, value) + 1]!++;
    for (let bucket = 0; bucket < BUCKETS; bucket++) table.starts[bucket + 1]! += table.starts[bucket] as number;
    return table;
  });
}

/** Never falls when the value rises, so that split values of lower buckets are lower values. */
function bucketOf({ low, perUnit }: SplitValues, value: number): number {
  const position = (value - low) * perUnit;
  // Not a number (∞ · 0) becomes bucket 0.
  return position >= BUCKETS ? BUCKETS - 1 : position > 0 ? Math.trunc(position) : 0;
}

/** Number of split values below `value`: value > split exactly where its rank is greater than the split's. */
function rankOf(splits: SplitValues, value: number): number {
  const { sorted, starts } = splits;
  const bucket = bucketOf(splits, value);
  let low = starts[bucket] as number;
  let high = starts[bucket + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ranks of the cells of `rows`, row after row. */
function ranksOf(splits: readonly SplitValues[], { columns, data }: NumericMatrix, rows: Int32Array): Int32Array {
  const ranks = new Int32Array(rows.length * columns);
  for (let column = 0; column < columns; column++) {
    const own = splits[column] as SplitValues;
    for (let i = 0; i < rows.length; i++) {
      ranks[i * columns + column] = rankOf(own, data[(rows[i] as number) * columns + column] as number);
    }
  }
  return ranks;
}

/**
 * Adds the path lengths of rows without a missing cell to `sums`, tree by tree in ascending order, as the plain loop does: the
 * same roundings, the same bits.
 */
export function addCompleteTrees(
  { trees, height, nodes, leaves, splits }: CompleteTrees,
  matrix: NumericMatrix,
  rows: Int32Array,
  sums: Float64Array,
): void {
  const { columns } = matrix;
  const ranks = ranksOf(splits, matrix, rows);
  // By shifts, not powers: the compiler must see integers, or every index is computed in floating point.
  const inner = (1 << height) - 1;
  const fours = rows.length - (rows.length % 4);
  for (let tree = 0; tree < trees; tree++) {
    const first = tree * inner;
    const ends = tree * (inner + 1) - inner;
    for (let i = 0; i < fours; i += 4) {
      const r0 = i * columns;
      const r1 = r0 + columns;
      const r2 = r1 + columns;
      const r3 = r2 + columns;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let level = 0; level < height; level++) {
        const n0 = nodes[first + s0] as number;
        const n1 = nodes[first + s1] as number;
        const n2 = nodes[first + s2] as number;
        const n3 = nodes[first + s3] as number;
        // The sign bit of (split − value) is 1 where the value is greater: to the right.
        s0 = 2 * s0 + 1 + (((n0 & MAX_RANK) - (ranks[r0 + (n0 >> 16)] as number)) >>> 31);
        s1 = 2 * s1 + 1 + (((n1 & MAX_RANK) - (ranks[r1 + (n1 >> 16)] as number)) >>> 31);
        s2 = 2 * s2 + 1 + (((n2 & MAX_RANK) - (ranks[r2 + (n2 >> 16)] as number)) >>> 31);
        s3 = 2 * s3 + 1 + (((n3 & MAX_RANK) - (ranks[r3 + (n3 >> 16)] as number)) >>> 31);
      }
      addTo(sums, rows[i] as number, leaves[ends + s0] as number);
      addTo(sums, rows[i + 1] as number, leaves[ends + s1] as number);
      addTo(sums, rows[i + 2] as number, leaves[ends + s2] as number);
      addTo(sums, rows[i + 3] as number, leaves[ends + s3] as number);
    }
    for (let i = fours; i < rows.length; i++) {
      let slot = 0;
      for (let level = 0; level < height; level++) {
        const node = nodes[first + slot] as number;
        slot = 2 * slot + 1 + (((node & MAX_RANK) - (ranks[i * columns + (node >> 16)] as number)) >>> 31);
      }
      addTo(sums, rows[i] as number, leaves[ends + slot] as number);
    }
  }
}

function addTo(sums: Float64Array, row: number, length: number): void {
  sums[row] = (sums[row] as number) + length;
}
