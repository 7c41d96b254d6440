import { patternOf } from '../detection/finding-pattern.ts';
import type { ScoredDelivery } from '../detection/records/changes/drift-watch.ts';
import { chosenColumns } from '../detection/records/features/chosen-columns.ts';
import type { KeyedHash } from '../detection/records/features/keyed-hash.ts';
import {
  type FeatureBatch,
  type FeatureColumn,
  featuresOfInSlices,
} from '../detection/records/features/record-features.ts';
import { createTextDictionary } from '../detection/records/features/text-dictionary.ts';
import type { DatasetAnalysis } from '../domain/analysis.ts';
import { type Baseline, ladderOf } from '../domain/baseline.ts';
import type { Lesson } from '../domain/effects.ts';
import type { Finding } from '../domain/finding.ts';
import type { Dataset, Observation } from '../domain/observation.ts';
import type { BaselineEntry, BaselineRegistry } from './baseline-registry.ts';
import { createDatasetAnalyser } from './dataset-analysis.ts';
import { driftFinding } from './drift-finding.ts';
import type { ExpectedPatterns } from './expected-patterns.ts';
import { lessonInSlices } from './lesson.ts';
import type { Transaction } from './ports/store.ts';
import { holdBack } from './quarantine.ts';
import type { Recurrence } from './recurrence.ts';
import type { RunInSlices } from './slices.ts';

export interface DatasetExaminerDeps {
  readonly registry: BaselineRegistry;
  readonly expected: Pick<ExpectedPatterns, 'has' | 'isConfirmed'>;
  readonly recurrence: Recurrence;
  readonly hash: KeyedHash;
  /** Rate of ordinary requests that may be raised for their data, 0–1; its datasets share it. */
  readonly dataAlpha: number;
  readonly keepRaw: boolean;
  readonly inSlices: RunInSlices;
  /** Told once, when the data of a baseline begins to drift. */
  onDrift?(baseline: Baseline, finding: Finding): void;
}

/** What is found in one dataset of an observation, and what it will teach. */
export interface DatasetExamination {
  readonly dataset: Dataset;
  readonly analysis: DatasetAnalysis;
  readonly features: FeatureBatch;
  /** Null for a request that a rule ended. */
  readonly teaching: Teaching | null;
}

interface Teaching {
  readonly lesson: Lesson;
  /** Patterns of the findings about records that were flagged. */
  readonly patterns: readonly string[];
  readonly baselines: readonly Taught[];
}

/** What is noted of a baseline once the observation is stored. */
interface Taught {
  readonly entry: BaselineEntry;
  /** The records that teach. */
  readonly features: FeatureBatch;
  /** Of the records that teach, where the model of this baseline decided. */
  readonly pValues: Float64Array | null;
  readonly scored: ScoredDelivery | null;
  readonly drift: Finding | null;
}

export interface DatasetExaminer {
  /**
   * Scores a dataset against what is usual; changes nothing in memory but what was asked for.
   *
   * @param within where what was learnt is read, for a caller that must not wait for another connection
   */
  examine(
    observation: Observation,
    dataset: Dataset,
    within?: Pick<Transaction, 'history' | 'recurrence'>,
  ): Promise<DatasetExamination>;
  /** Learns from a dataset whose observation is stored. */
  learn(observation: Observation, examination: DatasetExamination): void;
}

export function createDatasetExaminer(deps: DatasetExaminerDeps): DatasetExaminer {
  const dictionary = createTextDictionary();
  const analyse = createDatasetAnalyser(deps.inSlices, dictionary);

  async function examine(
    observation: Observation,
    dataset: Dataset,
    within?: Pick<Transaction, 'history' | 'recurrence'>,
  ): Promise<DatasetExamination> {
    const patternOfFinding = (finding: Finding) => patternOf(observation, finding);
    const isExpected = (finding: Finding) => deps.expected.has(patternOfFinding(finding));
    const ladder = ladderOf(observation, dataset.name);
    const shape = await deps.registry.entryOf(ladder.shape, within?.history);
    const whole = await deps.registry.entryOf(ladder.dataset, within?.history);
    const chosen = chosenColumns(dataset, observation.arguments);
    const judgedColumns = { ...dataset, columns: dataset.columns.filter(({ path }) => !chosen.has(path)) };
    const features = await deps.inSlices(featuresOfInSlices(judgedColumns, observation.at, deps.hash));
    shape.consulted = true;
    if (shape.model === null) whole.consulted = true;
    const alpha = deps.dataAlpha / observation.datasets.length;
    const judged = await analyse(dataset, features, [shape, whole], alpha, chosen, isExpected);
    if (observation.killed) return { dataset, analysis: judged, features, teaching: null };

    const decided = judged.baseline.rung === 'shape' ? shape : whole;
    const scored = deliveryOf(observation, judged);
    const drift = scored && driftOf(decided, scored, dataset, features, isExpected);
    const held = await holdBack(judged, decided.drift, observation.at, {
      expected: deps.expected,
      recurring: (patterns) => deps.recurrence.recurring(patterns, observation.at, within?.recurrence),
      patternOf: patternOfFinding,
    });
    const cut = Math.max(shape.cut, whole.cut);
    const options = { ladder, held: held.rows, cut, keepRaw: deps.keepRaw };
    const lesson = await deps.inSlices(lessonInSlices(observation, dataset, features, options));
    const learnt = await deps.inSlices(withoutRows(features, held.rows));
    const pValues = judged.pValues && judged.pValues.filter((_, row) => !held.rows.has(row));
    const baselines = [shape, whole].map((entry): Taught =>
      entry === decided && pValues !== null
        ? { entry, features: learnt, pValues, scored, drift }
        : { entry, features: learnt, pValues: null, scored: null, drift: null },
    );
    return {
      dataset,
      analysis: drift ? { ...judged, findings: [...judged.findings, drift] } : judged,
      features,
      teaching: { lesson, patterns: held.patterns, baselines },
    };
  }

  function driftOf(
    { model, drift }: BaselineEntry,
    scored: ScoredDelivery,
    dataset: Dataset,
    batch: FeatureBatch,
    isExpected: (finding: Finding) => boolean,
  ): Finding | null {
    const evidence = drift.begins(scored);
    if (evidence === null || model === null) return null;
    const pValues = Float64Array.from(scored.pValues);
    const finding = driftFinding(evidence, { model, dataset, batch, pValues, dictionary, alpha: deps.dataAlpha });
    return isExpected(finding) ? null : finding;
  }

  function learn({ at }: Observation, { dataset, features: all, teaching }: DatasetExamination): void {
    if (teaching === null) return;
    dictionary.learn(dataset, all);
    deps.recurrence.note(teaching.patterns, at);
    for (const { entry, features, pValues, scored, drift } of teaching.baselines) {
      if (scored) entry.drift.note(scored, teaching.patterns);
      if (drift) deps.onDrift?.(entry.baseline, drift);
      deps.registry.learnt(entry, teaching.lesson.learntCount, pValues, features);
    }
  }

  return { examine, learn };
}

/** Null where no model scored the records. */
function deliveryOf({ at, principal }: Observation, { pValues }: DatasetAnalysis): ScoredDelivery | null {
  return pValues && { at, caller: principal.userId ?? '', pValues };
}

/** Pauses after each column. */
function* withoutRows(batch: FeatureBatch, rows: ReadonlySet<number>): Generator<void, FeatureBatch> {
  if (rows.size === 0) return batch;
  const columns: FeatureColumn[] = [];
  for (const { path, features } of batch.columns) {
    columns.push({ path, features: features.filter((_, row) => !rows.has(row)) });
    yield;
  }
  return { at: batch.at, recordCount: batch.recordCount - rows.size, columns };
}
