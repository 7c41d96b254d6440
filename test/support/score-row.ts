import { isolationScore, sumOfPathLengths } from '../../core/detection/records/forest/isolation-forest.ts';
import type { IsolationForest } from '../../core/detection/records/forest/isolation-forest.ts';

/** Score of one row by the plain loop: what batches are compared with. `start` is the offset of the row in `data`. */
export function scoreRow(forest: IsolationForest, data: Float64Array, start: number): number {
  return isolationScore(sumOfPathLengths(forest, data, start) / forest.roots.length, forest.sampleSize);
}
