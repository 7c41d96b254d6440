import type { FeatureTable } from '../features/feature-table.ts';
import { scoreTable, trainTable } from './record-model.ts';
import type { Detector } from './numeric-part.ts';
import type { RecordModel, RecordScores } from './record-model.ts';
import { createPrng, sampleWithoutReplacement } from '../../statistics/prng.ts';

export const PROTOCOLS = ['mixed', 'novelty'] as const;
/**
 * `mixed`: trained on all records, each scored by the parts of the model that did not see it. `novelty`: trained on a
 * random half of the normal records, scored on the other half and all anomalies.
 */
export type Protocol = (typeof PROTOCOLS)[number];

export interface EvaluationOptions {
  readonly protocol: Protocol;
  readonly detector: Detector;
  /** Number of runs; run i has seed i, from 0. */
  readonly seeds: number;
  readonly forest?: { readonly trees: number; readonly sampleSize: number };
  readonly neighbours?: { readonly samples: number; readonly sampleSize: number };
}

export interface SeedResult {
  readonly seed: number;
  readonly auroc: number;
  readonly averagePrecision: number;
}

export interface Evaluation {
  /** Means over the seeds; null without labels or when all labels are equal. */
  readonly auroc: number | null;
  readonly averagePrecision: number | null;
  readonly perSeed: readonly SeedResult[];
  /** The first seed's model, and its scores of the scored records: `scored[i]` is an index of the records. */
  readonly model: RecordModel;
  readonly scored: Int32Array;
  readonly scores: RecordScores;
}

/**
 * Scores records with the very code of the service and, where labels (1 = anomaly) are given, measures the ranking.
 * Pauses as training does.
 */
export function* evaluateDetector(
  records: FeatureTable,
  labels: ArrayLike<number> | null,
  options: EvaluationOptions,
): Generator<void, Evaluation> {
  const perSeed: SeedResult[] = [];
  let first: Run | undefined;
  for (let seed = 0; seed < Math.max(1, options.seeds); seed++) {
    const run = yield* runSeed(records, labels, options, seed);
    first ??= run;
    const truth = labels && Int8Array.from(run.scored, (index) => labels[index] as number);
    const measured = truth && areaUnderRoc(run.scores.scores, truth);
    if (truth && measured !== null) {
      perSeed.push({
        seed,
        auroc: measured,
        averagePrecision: averagePrecision(run.scores.scores, truth) ?? Number.NaN,
      });
    }
    if (labels === null) break;
  }
  return {
    ...(first as Run),
    perSeed,
    auroc: mean(perSeed.map((result) => result.auroc)),
    averagePrecision: mean(perSeed.map((result) => result.averagePrecision)),
  };
}

/**
 * Chance that a random anomaly outranks a random normal record, ties counted half (Mann and Whitney, 1947); null when one
 * of the classes is empty.
 */
export function areaUnderRoc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  let below = 0;
  let wins = 0;
  let anomalies = 0;
  for (const block of tiedBlocks(scores, labels).reverse()) {
    const normal = block.size - block.anomalies;
    wins += block.anomalies * (below + normal / 2);
    below += normal;
    anomalies += block.anomalies;
  }
  return anomalies === 0 || below === 0 ? null : wins / (anomalies * below);
}

/**
 * Mean over the anomalies of the precision at their place in the ranking; records of equal score are one block, whose
 * anomalies all get the precision at its end. Null without anomalies.
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  let seen = 0;
  let found = 0;
  let sum = 0;
  for (const block of tiedBlocks(scores, labels)) {
    seen += block.size;
    found += block.anomalies;
    sum += (block.anomalies * found) / seen;
  }
  return found === 0 ? null : sum / found;
}

interface Run {
  readonly model: RecordModel;
  readonly scored: Int32Array;
  readonly scores: RecordScores;
}

function* runSeed(
  records: FeatureTable,
  labels: ArrayLike<number> | null,
  { protocol, detector, forest, neighbours }: EvaluationOptions,
  seed: number,
): Generator<void, Run> {
  const training = {
    baselineKey: 'evaluation',
    version: seed,
    trainedAt: 0,
    detector,
    ...(forest ? { forest } : {}),
    ...(neighbours ? { neighbours } : {}),
  };
  if (protocol === 'mixed' || labels === null) {
    const { model, trainingScores } = yield* trainTable(records, training);
    return { model, scored: Int32Array.from(records.times.keys()), scores: trainingScores };
  }
  const { train, test } = noveltySplit(records.times.length, labels, seed);
  const { model } = yield* trainTable(selectRecords(records, train.sort()), training);
  return { model, scored: test, scores: yield* scoreTable(model, selectRecords(records, test)) };
}

function selectRecords({ times, groups, columns }: FeatureTable, indices: Int32Array): FeatureTable {
  const select = <T>(values: ArrayLike<T>): T[] => Array.from(indices, (index) => values[index] as T);
  return {
    times: select(times),
    groups: Int32Array.from(indices, (index) => groups[index] as number),
    columns: new Map([...columns].map(([path, features]) => [path, select(features)])),
  };
}

/** A random half of the normal records to train on; the other half and all anomalies to score. */
export function noveltySplit(
  count: number,
  labels: ArrayLike<number>,
  seed: number,
): { train: Int32Array; test: Int32Array } {
  const all = Array.from({ length: count }, (_, index) => index);
  const normal = all.filter((index) => labels[index] !== 1);
  const shuffled = sampleWithoutReplacement(createPrng(`novelty/${seed}`), normal.length, normal.length);
  const half = normal.length >>> 1;
  const placed = shuffled.map((place) => normal[place] as number);
  const anomalies = all.filter((index) => labels[index] === 1);
  return { train: placed.slice(0, half), test: Int32Array.from([...placed.slice(half), ...anomalies]).sort() };
}

/** Records of equal score together, the strangest first. */
function tiedBlocks(scores: ArrayLike<number>, labels: ArrayLike<number>): { size: number; anomalies: number }[] {
  const order = Array.from({ length: scores.length }, (_, index) => index).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  );
  const blocks: { size: number; anomalies: number }[] = [];
  let last: number | undefined;
  for (const index of order) {
    const score = scores[index] as number;
    if (score !== last) blocks.push({ size: 0, anomalies: 0 });
    last = score;
    const block = blocks.at(-1) as { size: number; anomalies: number };
    block.size++;
    if (labels[index] === 1) block.anomalies++;
  }
  return blocks;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
