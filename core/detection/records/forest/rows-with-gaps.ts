import { leafLength } from './isolation-forest.ts';
import type { IsolationForest } from './isolation-forest.ts';
import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';

/**
 * Adds to `sums` the path lengths, over all trees, of rows that lack the same cells. They go through a tree together: a node
 * divides those that reach it, and one that splits on a missing cell hands all of them to both sides with one weight, at
 * no cost for each row (measured with 2 of 5 cells missing: half the time of the plain loop for 128 rows, 0.4 for 256, more
 * than it for fewer than 64). A row's terms are added in the order of the plain loop, so its sum has the same bits.
 */
export function addRowsWithGaps(
  forest: IsolationForest,
  { columns, data }: NumericMatrix,
  rows: Int32Array,
  sums: Float64Array,
): void {
  const { feature, threshold, left, right, size } = forest;
  const count = rows.length;
  const values = new Float64Array(count * columns);
  for (let i = 0; i < count; i++) {
    const start = (rows[i] as number) * columns;
    for (let column = 0; column < columns; column++) values[column * count + i] = data[start + column] as number;
  }
  /** Positions in `rows`; those that reach a node stand together. */
  const order = Int32Array.from(rows.keys());
  const lengths = new Float64Array(count);

  /** The rows at `from` … `to` of `order` have come to a node, or to a leaf of −node training rows. */
  const descend = (node: number, depth: number, from: number, to: number, weight: number): void => {
    if (from === to) return;
    if (node < 0) {
      const length = weight * leafLength(depth, -node);
      for (let i = from; i < to; i++) lengths[order[i] as number]! += length;
      return;
    }
    const column = (feature[node] as number) * count;
    const toLeft = childOf(node, left[node] as number);
    const toRight = childOf(node, right[node] as number);
    if (Number.isNaN(values[column])) {
      const share = (toLeft < 0 ? -toLeft : (size[toLeft] as number)) / (size[node] as number);
      // The plain loop takes a leaf on the right at once and anything else there after the left side.
      if (toRight < 0) descend(toRight, depth + 1, from, to, weight * (1 - share));
      descend(toLeft, depth + 1, from, to, weight * share);
      if (toRight >= 0) descend(toRight, depth + 1, from, to, weight * (1 - share));
      return;
    }
    const middle = divide(order, from, to, values, column, threshold[node] as number);
    descend(toLeft, depth + 1, from, middle, weight);
    descend(toRight, depth + 1, middle, to, weight);
  };

  for (const root of forest.roots) {
    lengths.fill(0);
    descend(root, 0, 0, count, 1);
    for (let i = 0; i < count; i++) sums[rows[i] as number]! += lengths[i] as number;
  }
}

function childOf(node: number, child: number): number {
  return child < 0 ? child : node + child;
}

/** Brings those with a value up to `split` to the front, without a branch for each; returns where the others begin. */
function divide(
  order: Int32Array,
  from: number,
  to: number,
  values: Float64Array,
  column: number,
  split: number,
): number {
  let middle = from;
  for (let i = from; i < to; i++) {
    const row = order[i] as number;
    order[i] = order[middle] as number;
    order[middle] = row;
    middle += Number((values[column + row] as number) <= split);
  }
  return middle;
}
