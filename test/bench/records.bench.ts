/**
 * What the analysis of a response costs in CPU time: features, scores, verdict, explanation of what is flagged, comparison
 * with history.
 * `npx node test/bench/records.bench.ts`
 */
import { benjaminiHochberg } from '../../core/detection/statistics/benjamini-hochberg.ts';
import {
  compareWithHistory,
  compareWithHistoryInSlices,
} from '../../core/detection/records/changes/compare-with-history.ts';
import { explainRecord } from '../../core/detection/records/explanation/explain.ts';
import { fieldStatisticsInSlices } from '../../core/detection/records/features/field-statistics.ts';
import { parseModel, serialiseModel } from '../../core/detection/records/model/model-format.ts';
import { createPrng } from '../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../core/detection/records/features/record-features.ts';
import { batchOfRows } from '../support/feature-rows.ts';
import {
  scoreRecords,
  scoreRecordsInSlices,
  trainRecordModel,
} from '../../core/detection/records/model/record-model.ts';
import type { RecordModel } from '../../core/detection/records/model/record-model.ts';
import { samplePriorities } from '../../core/detection/statistics/sample.ts';
import type { Dataset } from '../../core/domain/observation.ts';
import { HOUR, WEEK } from '../../core/domain/time.ts';
import { dataset, hash, orders, orderWindow, START, train } from '../core/detection/records/orders.ts';

const AT = START + 100 * 6 * HOUR;

export async function run(): Promise<void> {
  const model = train(orderWindow(100));
  const ten = responses(10, 64);
  const thousand = responses(1_000, 4);
  const small = cpuOf(10_000, (i) => analyse(model, ten[i % ten.length] as Dataset));
  const large = cpuOf(30, (i) => analyse(model, thousand[i % thousand.length] as Dataset));
  console.log('records: CPU time, warm model of 2,000 records, 8 mixed columns');
  console.log(`  analysis of 10 records: ${small.toFixed(0)} µs (mark: 500)`);
  console.log(
    `  analysis of 1,000 records: ${(large / 1_000).toFixed(1)} ms (mark: 30), longest slice ${longestSlice(model, thousand).toFixed(1)} ms (mark: 10)`,
  );
  console.log(
    `  features of 10 records: ${cpuOf(5_000, (i) => featuresOf(ten[i % ten.length] as Dataset, AT, hash)).toFixed(0)} µs`,
  );

  const numbers = numericModel();
  const record = batchOfRows([Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`f${i}`, 0.5]))], AT);
  console.log(
    `  one record of 10 numbers, forest and neighbours: ${cpuOf(20_000, () => scoreRecords(numbers, record)).toFixed(1)} µs (mark: 60)`,
  );
  const flagged = featuresOf(ten[0] as Dataset, AT, hash);
  console.log(
    `  explanation: ${cpuOf(5_000, () => explainRecord(model, flagged, 0, ten[0])).toFixed(0)} µs (mark: 300)`,
  );

  const stored = serialiseModel(model);
  console.log(
    `  training on 2,000 records: ${(cpuOf(5, () => train(orderWindow(100))) / 1_000).toFixed(0)} ms with features, longest slice ${longestTrainingSlice().toFixed(1)} ms`,
  );
  console.log(
    `  model: ${kB(residentBytes(model))} resident (mark: 300), of 10 numbers ${kB(residentBytes(numbers))}, stored ${kB(stored.length)}; serialise ${(cpuOf(20, () => serialiseModel(model)) / 1_000).toFixed(1)} ms, parse ${(cpuOf(20, () => parseModel(stored)) / 1_000).toFixed(1)} ms`,
  );
}

function responses(records: number, count: number): Dataset[] {
  return Array.from({ length: count }, (_, i) =>
    dataset('orders', orders(createPrng(`bench/${records}/${i}`), records, AT)),
  );
}

/** What the service does with one dataset of a response, storage apart. */
function analyse(model: RecordModel, data: Dataset): number {
  const batch = featuresOf(data, AT, hash);
  const { pValues } = scoreRecords(model, batch);
  for (const index of benjaminiHochberg(pValues, 0.1)) explainRecord(model, batch, index, data);
  compareWithHistory(model, batch, data.name, { selectionIsFixed: true });
  let kept = 0;
  const nextPriority = samplePriorities('01939d2c-0000-7000-8000-000000000000', AT, WEEK);
  for (let row = 0; row < data.recordCount; row++) if (nextPriority() < 0) kept++;
  return kept;
}

function numericModel(): RecordModel {
  const prng = createPrng('numbers');
  return train(
    Array.from({ length: 2_000 }, (_, i) => ({
      key: `${i}/0`,
      at: START,
      features: Object.fromEntries(
        Array.from({ length: 10 }, (_, column) => [`f${column}`, prng.uniform() + prng.uniform()]),
      ),
    })),
  );
}

function longestSlice(model: RecordModel, datasets: readonly Dataset[]): number {
  return Math.min(
    ...datasets.map((data) => {
      const batch = featuresOf(data, AT, hash);
      return Math.max(
        longestStep(() => scoreRecordsInSlices(model, batch)),
        longestStep(() => compareWithHistoryInSlices(model, batch, data.name, { selectionIsFixed: true })),
        longestStep(() => fieldStatisticsInSlices(data)),
      );
    }),
  );
}

function longestTrainingSlice(): number {
  const window = orderWindow(100);
  const options = { baselineKey: 'bench', version: 1, trainedAt: START };
  return Math.min(...Array.from({ length: 5 }, () => longestStep(() => trainRecordModel(window, options))));
}

/** Longest time between two pauses, in milliseconds; the first step includes making the generator. */
function longestStep(start: () => Generator<void, unknown>): number {
  let longest = 0;
  let started = performance.now();
  const steps = start();
  for (let done = false; !done;) {
    done = steps.next().done === true;
    longest = Math.max(longest, performance.now() - started);
    started = performance.now();
  }
  return longest;
}

const ROUNDS = 5;

/** CPU time of a call after warming up, in microseconds: the mean of the best of five rounds, which others disturbed least. */
function cpuOf(runs: number, work: (run: number) => unknown): number {
  const perRound = Math.ceil(runs / ROUNDS);
  for (let i = 0; i < perRound; i++) work(i);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const started = process.cpuUsage();
    for (let i = 0; i < perRound; i++) work(i);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / perRound;
  });
  return Math.min(...rounds);
}

/** Typed arrays of the model and an estimate of its category counts. */
function residentBytes(model: RecordModel): number {
  let bytes = 0;
  const visit = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    else if (value instanceof Map) bytes += 60 * value.size;
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(model);
  return bytes;
}

const kB = (bytes: number): string => `${Math.round(bytes / 1_000)} kB`;

if (import.meta.main) await run();
