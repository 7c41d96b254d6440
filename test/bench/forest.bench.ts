/**
 * The isolation forest against two peers on the same machine in the same run: the npm package `isolation-forest`, used
 * correctly (one sub-sample per tree), and scikit-learn where `python3` has it. Read the ratios, not the milliseconds.
 * `npx node test/bench/forest.bench.ts`
 */
import { spawnSync } from 'node:child_process';
import { IsolationForest as PublishedForest } from 'isolation-forest';
import { scoreRows } from '../../core/detection/records/forest/forest-batch.ts';
import { growForest } from '../../core/detection/records/forest/forest-growth.ts';
import { averagePathLength } from '../../core/detection/records/forest/isolation-forest.ts';
import { scoreRow } from '../support/score-row.ts';
import type { IsolationForest } from '../../core/detection/records/forest/isolation-forest.ts';
import type { NumericMatrix } from '../../core/detection/statistics/numeric-matrix.ts';
import { createPrng, sampleWithoutReplacement } from '../../core/detection/statistics/prng.ts';
import { normal } from '../core/detection/records/orders.ts';

const COLUMNS = 10;
const TREES = 100;
const SAMPLE = 256;
const NAMES = Array.from({ length: COLUMNS }, (_, column) => `f${column}`);

type Row = Record<string, number>;

export async function run(): Promise<void> {
  const large = gaussian(100_000);
  const batch = gaussian(10_000);
  const forest = grow(large);

  const ownFit = best(9, () => grow(large));
  const fits = [gaussian(256), batch].map((matrix) => [matrix.rows, best(9, () => grow(matrix))] as const);
  const ownScore = best(15, () => scoreRows(forest, batch));
  const plain = best(9, () => scorePlain(forest, batch));
  console.log(`forest, ${TREES} trees × ${SAMPLE} rows, ${COLUMNS} features, one thread, best of several runs`);
  console.log(
    `  fit 100,000 rows: ${ms(ownFit)}; ${fits.map(([rows, time]) => `${rows.toLocaleString('en-US')} rows: ${ms(time)}`).join('; ')}`,
  );
  console.log(`  score 10,000 rows: ${ms(ownScore)} as complete trees, ${ms(plain)} by the plain loop`);
  console.log(`  one record: ${((plain / batch.rows) * 1_000).toFixed(2)} µs (mark: 10)`);
  console.log(
    `  ${forest.feature.length.toLocaleString('en-US')} inner nodes, ${Math.round(bytesOf(forest) / 1_000)} kB`,
  );

  const rows = rowsOf(batch);
  const published = growPublished(rows);
  const theirFit = best(5, () => growPublished(rows));
  const theirScore = best(3, () => rows.slice(0, 2_000).forEach((row) => scorePublished(published, row))) * 5;
  console.log(
    `npm isolation-forest, one sub-sample per tree: fit ${ms(theirFit)} (${ratio(theirFit, ownFit)}), score ${ms(theirScore)} (${ratio(theirScore, ownScore)})`,
  );

  const sklearn = measureScikitLearn();
  if (typeof sklearn === 'string') {
    console.log(`scikit-learn: not measured (${sklearn}); marks: fit ≥ 8×, score ≥ 6×`);
    return;
  }
  console.log(
    `scikit-learn ${sklearn.version}: fit 100,000 rows ${ms(sklearn.fit)} (${ratio(sklearn.fit, ownFit)}, mark 8×), score 10,000 rows ${ms(sklearn.score)} (${ratio(sklearn.score, ownScore)}, mark 6×)`,
  );
}

function gaussian(rows: number): NumericMatrix {
  const prng = createPrng(`bench/${rows}`);
  return { rows, columns: COLUMNS, data: Float64Array.from({ length: rows * COLUMNS }, () => normal(prng)) };
}

function grow(matrix: NumericMatrix): IsolationForest {
  return growForest(matrix, { trees: TREES, sampleSize: SAMPLE }, createPrng('bench')).forest;
}

function scorePlain(forest: IsolationForest, matrix: NumericMatrix): number {
  let sum = 0;
  for (let row = 0; row < matrix.rows; row++) sum += scoreRow(forest, matrix.data, row * COLUMNS);
  return sum;
}

function bytesOf(forest: IsolationForest): number {
  return [forest.roots, forest.feature, forest.threshold, forest.left, forest.right, forest.size].reduce(
    (sum, array) => sum + array.byteLength,
    0,
  );
}

function rowsOf(matrix: NumericMatrix): Row[] {
  return Array.from({ length: matrix.rows }, (_, row) =>
    Object.fromEntries(NAMES.map((name, column) => [name, matrix.data[row * COLUMNS + column] as number])),
  );
}

function growPublished(rows: readonly Row[]): PublishedForest[] {
  const prng = createPrng('published');
  return Array.from({ length: TREES }, () => {
    const forest = new PublishedForest(1, SAMPLE);
    forest.fit(Array.from(sampleWithoutReplacement(prng, rows.length, SAMPLE), (row) => rows[row] as Row));
    return forest;
  });
}

function scorePublished(forests: readonly PublishedForest[], row: Row): number {
  let sum = 0;
  for (const { trees } of forests) {
    const [tree] = trees;
    if (tree) sum += tree.pathLength(row, tree.getRootNode(), 0);
  }
  return 2 ** (-sum / forests.length / averagePathLength(SAMPLE));
}

const SCIKIT_LEARN = `
import json, time
import numpy, sklearn
from sklearn.ensemble import IsolationForest
x = numpy.random.default_rng(1).normal(size=(100000, ${COLUMNS}))
def best(runs, work):
    times = []
    for _ in range(runs):
        started = time.perf_counter(); work(); times.append(time.perf_counter() - started)
    return 1000 * min(times)
make = lambda: IsolationForest(n_estimators=${TREES}, max_samples=${SAMPLE}, n_jobs=1, random_state=1)
forest = make().fit(x)
print(json.dumps({"version": sklearn.__version__, "fit": best(7, lambda: make().fit(x)), "score": best(7, lambda: forest.score_samples(x[:10000]))}))
`;

function measureScikitLearn(): { version: string; fit: number; score: number } | string {
  const child = spawnSync('python3', ['-W', 'ignore', '-c', SCIKIT_LEARN], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  if (child.status === 0) return JSON.parse(child.stdout) as { version: string; fit: number; score: number };
  return child.error?.message ?? child.stderr.trim().split('\n').at(-1) ?? 'python3 failed';
}

/** Shortest of several runs, in milliseconds: the one least disturbed by the rest of the machine. */
function best(runs: number, work: () => unknown): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    work();
    shortest = Math.min(shortest, performance.now() - started);
  }
  return shortest;
}

const ms = (time: number): string => `${time.toFixed(1)} ms`;
const ratio = (theirs: number, ours: number): string => `${(theirs / ours).toFixed(1)}×`;

if (import.meta.main) await run();
