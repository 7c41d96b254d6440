import type { IsolationForest } from './isolation-forest.ts';

/**
 * Local DIFFI: how much each feature helped to isolate one row (Carletti, Terzi, Susto, "Interpretable Anomaly Detection
 * with DIFFI", Engineering Applications of AI, 2023). Each tree gives 1/h − 1/h_max to the features on the row's path of
 * h steps; a feature's importance is the mean over its occurrences, 0 for one that never occurs. A missing cell follows
 * the larger branch.
 */
export function localDiffi(forest: IsolationForest, data: Float64Array, start: number): Float64Array {
  const { feature, threshold, left, right, size, heightLimit } = forest;
  const importance = new Float64Array(forest.columns);
  const occurrences = new Uint32Array(forest.columns);
  const path = new Int16Array(heightLimit);
  const rowsOf = (node: number, child: number): number => (child < 0 ? -child : (size[node + child] as number));
  for (const root of forest.roots) {
    let node = root;
    let height = 0;
    let inside = root >= 0;
    while (inside) {
      const column = feature[node] as number;
      path[height++] = column;
      const value = data[start + column] as number;
      const below = left[node] as number;
      const above = right[node] as number;
      const goesLeft = Number.isNaN(value)
        ? rowsOf(node, below) >= rowsOf(node, above)
        : value <= (threshold[node] as number);
      const child = goesLeft ? below : above;
      inside = child > 0;
      node += child;
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
