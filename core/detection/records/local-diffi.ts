import type { IsolationForest } from './isolation-forest.ts';

/**
 * Local DIFFI: how much each feature helped to isolate one row (Carletti, Terzi, Susto, "Interpretable Anomaly Detection
 * with DIFFI", Engineering Applications of AI, 2023). Each tree gives 1/h − 1/h_max to the features on the row's path of
 * h steps; a feature's importance is the mean over its occurrences, 0 for one that never occurs. A missing cell follows
 * the larger branch.
 */
export function localDiffi(forest: IsolationForest, data: Float64Array, start: number): Float64Array {
  const { feature, left, threshold, size, heightLimit } = forest;
  const importance = new Float64Array(forest.columns);
  const occurrences = new Uint32Array(forest.columns);
  const path = new Int16Array(heightLimit);
  for (const root of forest.roots) {
    let node = root;
    let height = 0;
    let column = feature[node] as number;
    while (column >= 0) {
      path[height++] = column;
      const value = data[start + column] as number;
      const below = node + (left[node] as number);
      const goesLeft = Number.isNaN(value)
        ? (size[below] as number) >= (size[below + 1] as number)
        : value <= (threshold[node] as number);
      node = goesLeft ? below : below + 1;
      column = feature[node] as number;
    }
    const gain = height === 0 ? 0 : 1 / height - 1 / heightLimit;
    for (let step = 0; step < height; step++) {
      const on = path[step] as number;
      importance[on] = (importance[on] as number) + gain;
      occurrences[on] = (occurrences[on] as number) + 1;
    }
  }
  return importance.map((sum, column) =>
    (occurrences[column] as number) === 0 ? 0 : sum / (occurrences[column] as number),
  );
}
