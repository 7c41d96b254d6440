import type { NumericMatrix } from './numeric-matrix.ts';
import { shufflePrefix } from './prng.ts';
import type { Prng } from './prng.ts';

/**
 * Isolation forest as published (Liu, Ting, Zhou: "Isolation Forest", ICDM 2008; "Isolation-Based Anomaly Detection",
 * TKDD 2012), in typed arrays, and aware of missing cells: in training a row without the cell goes to a random side with
 * the odds of the present rows, in scoring it goes both ways, weighted.
 */
export interface IsolationForest {
  /** Number of features a row has. */
  readonly columns: number;
  /** Rows drawn for each tree (ψ). */
  readonly sampleSize: number;
  readonly heightLimit: number;
  /** Index of each tree's root among the nodes. */
  readonly roots: Uint32Array;
  /** Feature a node splits on, −1 for a leaf. */
  readonly feature: Int16Array;
  /** Steps from a node to its left child; the right one follows that. 0 for a leaf. */
  readonly left: Uint16Array;
  /** Split value: rows with x ≤ threshold go left. For a leaf its path length: depth + c(size). */
  readonly threshold: Float64Array;
  /** Training rows in the node. */
  readonly size: Uint16Array;
}

export interface ForestOptions {
  readonly trees: number;
  readonly sampleSize: number;
}

/** The forest, and for each tree the rows it did not see, as needed for out-of-bag scores. */
export interface GrownForest {
  readonly forest: IsolationForest;
  /** `inBag[tree]` lists the training rows of a tree, ascending order not guaranteed. */
  readonly inBag: readonly Int32Array[];
}

/** The children of a node then lie within 16 bits of it. */
const MAX_SAMPLE = 32_768;
const EULER_GAMMA = 0.577_215_664_9;

/**
 * Average path length of an unsuccessful search in a binary search tree of `n` rows (Liu et al., 2008, equation 1, with
 * H(i) ≈ ln i + γ; c(2) = 1 exactly).
 */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER_GAMMA) - (2 * (n - 1)) / n;
}

/** Grows a forest to the end. `growForestInSlices` is the same with pauses. */
export function growForest(matrix: NumericMatrix, options: ForestOptions, prng: Prng): GrownForest {
  const steps = growForestInSlices(matrix, options, prng);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Grows a forest, pausing after each tree (about 0.1–0.3 ms of work). Cost does not depend on the number of rows. */
export function* growForestInSlices(
  matrix: NumericMatrix,
  options: ForestOptions,
  prng: Prng,
): Generator<void, GrownForest> {
  const sampleSize = Math.min(options.sampleSize, matrix.rows, MAX_SAMPLE);
  const heightLimit = Math.ceil(Math.log2(Math.max(2, sampleSize)));
  const nodes = new NodeStore(options.trees * Math.min(2 * sampleSize, 2 ** (heightLimit + 1)));
  const roots = new Uint32Array(options.trees);
  const inBag: Int32Array[] = [];
  const pool = Int32Array.from({ length: matrix.rows }, (_, row) => row);
  const grower = createGrower(matrix, sampleSize, heightLimit, nodes, prng);
  for (let tree = 0; tree < options.trees; tree++) {
    const bag = shufflePrefix(prng, pool, sampleSize).slice(0, sampleSize);
    inBag.push(bag);
    roots[tree] = grower(bag);
    yield;
  }
  return { forest: { columns: matrix.columns, sampleSize, heightLimit, roots, ...nodes.trimmed() }, inBag };
}

/** Growing node arrays: written once, cut to size at the end. */
class NodeStore {
  readonly feature: Int16Array;
  readonly left: Uint16Array;
  readonly threshold: Float64Array;
  readonly size: Uint16Array;
  count = 0;

  constructor(capacity: number) {
    this.feature = new Int16Array(capacity);
    this.left = new Uint16Array(capacity);
    this.threshold = new Float64Array(capacity);
    this.size = new Uint16Array(capacity);
  }

  trimmed(): Pick<IsolationForest, 'feature' | 'left' | 'threshold' | 'size'> {
    return {
      feature: this.feature.slice(0, this.count),
      left: this.left.slice(0, this.count),
      threshold: this.threshold.slice(0, this.count),
      size: this.size.slice(0, this.count),
    };
  }
}

function createGrower(
  matrix: NumericMatrix,
  sampleSize: number,
  heightLimit: number,
  nodes: NodeStore,
  prng: Prng,
): (bag: Int32Array) => number {
  const { columns, data } = matrix;
  // The sub-sample as columns of its own: what one tree touches fits the processor's first caches.
  const sample = new Float64Array(columns * sampleSize);
  const rows = new Int32Array(sampleSize);
  const candidates = Int32Array.from({ length: columns }, (_, column) => column);
  let low = 0;
  let high = 0;

  /** Whether a column has two different values in the node; leaves its range in `low` and `high`. */
  const varies = (column: number, from: number, to: number): boolean => {
    const offset = column * sampleSize;
    low = Number.POSITIVE_INFINITY;
    high = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const value = sample[offset + (rows[i] as number)] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low < high;
  };

  /** A uniform choice among the columns that vary in the node, or −1. */
  const chooseColumn = (from: number, to: number): number => {
    for (let left = columns; left > 0; left--) {
      const pick = prng.integer(left);
      const column = candidates[pick] as number;
      if (varies(column, from, to)) return column;
      candidates[pick] = candidates[left - 1] as number;
      candidates[left - 1] = column;
    }
    return -1;
  };

  const drawThreshold = (): number => {
    const share = prng.uniform();
    const threshold = low + share * (high - low);
    if (threshold >= low && threshold < high) return threshold;
    // The range of the column overflowed, or rounding reached its upper end.
    const halved = low * (1 - share) + high * share;
    return halved >= low && halved < high ? halved : low;
  };

  const grow = (node: number, from: number, to: number, depth: number): void => {
    const size = to - from;
    nodes.size[node] = size;
    const column = size > 1 && depth < heightLimit ? chooseColumn(from, to) : -1;
    if (column < 0) {
      nodes.feature[node] = -1;
      nodes.threshold[node] = depth + averagePathLength(size);
      return;
    }
    const threshold = drawThreshold();
    const middle = partition(sample, column * sampleSize, rows, from, to, threshold, prng);
    const left = nodes.count;
    nodes.count += 2;
    nodes.feature[node] = column;
    nodes.threshold[node] = threshold;
    nodes.left[node] = left - node;
    grow(left, from, middle, depth + 1);
    grow(left + 1, middle, to, depth + 1);
  };

  return (bag) => {
    for (let i = 0; i < sampleSize; i++) {
      rows[i] = i;
      const start = (bag[i] as number) * columns;
      for (let column = 0; column < columns; column++) {
        sample[column * sampleSize + i] = data[start + column] as number;
      }
    }
    const root = nodes.count++;
    grow(root, 0, sampleSize, 0);
    return root;
  };
}

/** Reorders `rows[from, to)` so that those that go left stand first; returns where the right side begins. */
function partition(
  sample: Float64Array,
  offset: number,
  rows: Int32Array,
  from: number,
  to: number,
  threshold: number,
  prng: Prng,
): number {
  let middle = from;
  let right = to;
  let missing = 0;
  for (let i = from; i < right;) {
    const row = rows[i] as number;
    const value = sample[offset + row] as number;
    if (value <= threshold) {
      rows[i] = rows[middle] as number;
      rows[middle++] = row;
      i++;
    } else {
      if (Number.isNaN(value)) missing++;
      right--;
      rows[i] = rows[right] as number;
      rows[right] = row;
    }
  }
  if (missing === 0) return middle;
  const leftOdds = (middle - from) / (to - from - missing);
  for (let i = middle; i < to; i++) {
    const row = rows[i] as number;
    if (!Number.isNaN(sample[offset + row]) || prng.uniform() >= leftOdds) continue;
    rows[i] = rows[middle] as number;
    rows[middle++] = row;
  }
  return middle;
}

/**
 * Path length of one row in one tree. `start` is the offset of the row in `data`. A missing cell takes both branches,
 * weighted by their training rows.
 */
export function pathLength(forest: IsolationForest, tree: number, data: Float64Array, start: number): number {
  const { feature, left, threshold } = forest;
  let node = forest.roots[tree] as number;
  let column = feature[node] as number;
  while (column >= 0) {
    const value = data[start + column] as number;
    if (value <= (threshold[node] as number)) node += left[node] as number;
    else if (value > (threshold[node] as number)) node += (left[node] as number) + 1;
    else return weightedPathLength(forest, node, data, start);
    column = feature[node] as number;
  }
  return threshold[node] as number;
}

function weightedPathLength(forest: IsolationForest, node: number, data: Float64Array, start: number): number {
  const column = forest.feature[node] as number;
  const threshold = forest.threshold[node] as number;
  if (column < 0) return threshold;
  const left = node + (forest.left[node] as number);
  const value = data[start + column] as number;
  if (value <= threshold) return weightedPathLength(forest, left, data, start);
  if (value > threshold) return weightedPathLength(forest, left + 1, data, start);
  const share = (forest.size[left] as number) / (forest.size[node] as number);
  return (
    share * weightedPathLength(forest, left, data, start) +
    (1 - share) * weightedPathLength(forest, left + 1, data, start)
  );
}

/** Score of a mean path length: 2^(−E[h]/c(ψ)), 0–1, higher = stranger, 0.5 for an average path (Liu et al., 2008, equation 2). */
export function isolationScore(meanPathLength: number, sampleSize: number): number {
  const normaliser = averagePathLength(sampleSize);
  return normaliser === 0 ? Number.NaN : 2 ** (-meanPathLength / normaliser);
}

/** Score of one row, 0–1, higher = stranger; NaN if the forest was grown on a single row. */
export function scoreRow(forest: IsolationForest, data: Float64Array, start: number): number {
  const trees = forest.roots.length;
  let sum = 0;
  for (let tree = 0; tree < trees; tree++) sum += pathLength(forest, tree, data, start);
  return isolationScore(sum / trees, forest.sampleSize);
}
