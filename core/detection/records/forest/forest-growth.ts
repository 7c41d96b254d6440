import { MAX_SAMPLE } from './isolation-forest.ts';
import type { IsolationForest } from './isolation-forest.ts';
import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';
import { shufflePrefix } from '../../statistics/prng.ts';
import type { Prng } from '../../statistics/prng.ts';

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
  const nodes = new NodeStore(options.trees * Math.min(sampleSize, 2 ** heightLimit));
  const roots = new Int32Array(options.trees);
  const inBag: Int32Array[] = [];
  const pool = Int32Array.from({ length: matrix.rows }, (_, row) => row);
  const growTree = createGrower(matrix, sampleSize, heightLimit, nodes, prng);
  for (let tree = 0; tree < options.trees; tree++) {
    const bag = shufflePrefix(prng, pool, sampleSize).slice(0, sampleSize);
    inBag.push(bag);
    roots[tree] = growTree(bag);
    yield;
  }
  return { forest: { columns: matrix.columns, sampleSize, heightLimit, roots, ...nodes.trimmed() }, inBag };
}

/** Growing node arrays: written once, cut to size at the end. */
class NodeStore {
  readonly feature: Uint16Array;
  readonly threshold: Float64Array;
  readonly left: Int16Array;
  readonly right: Int16Array;
  readonly size: Uint16Array;
  count = 0;

  constructor(capacity: number) {
    this.feature = new Uint16Array(capacity);
    this.threshold = new Float64Array(capacity);
    this.left = new Int16Array(capacity);
    this.right = new Int16Array(capacity);
    this.size = new Uint16Array(capacity);
  }

  trimmed(): Pick<IsolationForest, 'feature' | 'threshold' | 'left' | 'right' | 'size'> {
    return {
      feature: this.feature.slice(0, this.count),
      threshold: this.threshold.slice(0, this.count),
      left: this.left.slice(0, this.count),
      right: this.right.slice(0, this.count),
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

  /** Returns the node, or −size for a leaf. */
  const grow = (from: number, to: number, depth: number): number => {
    const size = to - from;
    const column = size > 1 && depth < heightLimit ? chooseColumn(from, to) : -1;
    if (column < 0) return -size;
    const threshold = drawThreshold();
    const middle = partition(sample, column * sampleSize, rows, from, to, threshold, prng);
    const node = nodes.count++;
    nodes.feature[node] = column;
    nodes.threshold[node] = threshold;
    nodes.size[node] = size;
    const left = grow(from, middle, depth + 1);
    nodes.left[node] = left < 0 ? left : left - node;
    const right = grow(middle, to, depth + 1);
    nodes.right[node] = right < 0 ? right : right - node;
    return node;
  };

  return (bag) => {
    for (let i = 0; i < sampleSize; i++) {
      rows[i] = i;
      const start = (bag[i] as number) * columns;
      for (let column = 0; column < columns; column++) {
        sample[column * sampleSize + i] = data[start + column] as number;
      }
    }
    return grow(0, sampleSize, 0);
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
