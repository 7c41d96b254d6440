import type { FeatureBatch } from '../detection/records/record-features.ts';
import { bottomK, samplePriority } from '../detection/records/sample.ts';
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

/** What one dataset of an observation adds to history. */
export function lessonOf(
  observation: Observation,
  dataset: Dataset,
  batch: FeatureBatch,
  { ladder, held, cut, keepRaw }: LessonOptions,
): Lesson {
  const records: LessonRecord[] = [];
  const quarantined: LessonRecord[] = [];
  for (let row = 0; row < dataset.recordCount; row++) {
    const priority = samplePriority(observation.id, row, observation.at, HALF_LIFE_MS);
    const isHeld = held.has(row);
    if (!isHeld && priority > cut) continue;
    const features = batch.columns.map((column) => column.features[row]);
    const raw = keepRaw ? { raw: rawRecord(dataset, row) } : {};
    (isHeld ? quarantined : records).push({ priority, features, ...raw });
  }
  return {
    ladder,
    columns: batch.columns.map((column) => column.path),
    records,
    quarantined: bottomK(quarantined, QUARANTINED_KEPT, (record) => record.priority),
    learntCount: dataset.recordCount - held.size,
  };
}

function rawRecord(dataset: Dataset, row: number): Record<string, unknown> {
  const record = Object.create(null) as Record<string, unknown>;
  for (const { path, cells } of dataset.columns) if (cells[row] !== undefined) record[path] = cells[row];
  return record;
}
