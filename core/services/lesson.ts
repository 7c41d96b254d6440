import { cellSlices } from '../detection/records/features/cell-slices.ts';
import type { FeatureBatch } from '../detection/records/features/record-features.ts';
import { bottomK, samplePriorities } from '../detection/statistics/sample.ts';
import type { BaselineLadder } from '../domain/baseline.ts';
import type { Lesson, LessonRecord } from '../domain/effects.ts';
import type { Dataset, Observation } from '../domain/observation.ts';
import { DAY } from '../domain/time.ts';

export interface LessonOptions {
  readonly ladder: BaselineLadder;
  /** Rows that are set aside. */
  readonly held: ReadonlySet<number>;
  /** Rows with a larger priority can't enter the sample and are not written. */
  readonly cut: number;
  /** Whether rows are kept as they were received. */
  readonly keepRaw: boolean;
}

/** Weight of a record in the sample halves in this time. */
const HALF_LIFE_MS = 14 * DAY;
/** Of the records of one response that are set aside so many are kept, chosen as the sample is: enough to learn from. */
const QUARANTINED_KEPT = 256;

/** Rows whose priority is computed between two pauses: less than a millisecond. */
const ROWS_PER_SLICE = 4_096;

/** A row that may enter the sample. */
interface Candidate {
  readonly row: number;
  readonly priority: number;
}

/** What one dataset of an observation adds to history. Pauses about every millisecond. */
export function* lessonInSlices(
  observation: Observation,
  dataset: Dataset,
  batch: FeatureBatch,
  { ladder, held, cut, keepRaw }: LessonOptions,
): Generator<void, Lesson> {
  const learnt: Candidate[] = [];
  const setAside: Candidate[] = [];
  const nextPriority = samplePriorities(observation.id, observation.at, HALF_LIFE_MS);
  for (let row = 0; row < dataset.recordCount; row++) {
    const priority = nextPriority();
    if (held.has(row)) setAside.push({ row, priority });
    else if (priority <= cut) learnt.push({ row, priority });
    if (row % ROWS_PER_SLICE === ROWS_PER_SLICE - 1) yield;
  }
  const kept = bottomK(setAside, QUARANTINED_KEPT, ({ priority }) => priority);
  yield;
  return {
    ladder,
    columns: batch.columns.map((column) => column.path),
    records: yield* recordsOf(learnt, dataset, batch, keepRaw),
    quarantined: yield* recordsOf(kept, dataset, batch, keepRaw),
    learntCount: dataset.recordCount - held.size,
  };
}

function* recordsOf(
  candidates: readonly Candidate[],
  dataset: Dataset,
  { columns }: FeatureBatch,
  keepRaw: boolean,
): Generator<void, LessonRecord[]> {
  const slice = cellSlices();
  const records: LessonRecord[] = [];
  for (const { row, priority } of candidates) {
    const features = columns.map((column) => column.features[row]);
    records.push({ priority, features, ...(keepRaw && { raw: rawRecord(dataset, row) }) });
    if (slice.isFull(columns.length)) yield;
  }
  return records;
}

function rawRecord(dataset: Dataset, row: number): Record<string, unknown> {
  const record = Object.create(null) as Record<string, unknown>;
  for (const { path, cells } of dataset.columns) if (cells[row] !== undefined) record[path] = cells[row];
  return record;
}
