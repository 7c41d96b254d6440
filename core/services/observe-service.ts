import { patternOf } from '../detection/finding-pattern.ts';
import { isDrifting } from '../detection/records/drift.ts';
import type { KeyedHash } from '../detection/records/keyed-hash.ts';
import { type FeatureBatch, featuresOf } from '../detection/records/record-features.ts';
import { samplePriority } from '../detection/records/sample.ts';
import { createTextDictionary } from '../detection/records/text-dictionary.ts';
import { loggedRequestOf } from '../detection/patterns/logged-request.ts';
import type { QueryPatternDetector } from '../detection/patterns/pattern-detector.ts';
import type { Profiles } from '../detection/patterns/profiles.ts';
import { allFindings, type Analysis, type DatasetAnalysis } from '../domain/analysis.ts';
import { type BaselineLadder, ladderOf } from '../domain/baseline.ts';
import type { Effects, Enforcement, HookName, Lesson, LessonRecord, WriteOutcome } from '../domain/effects.ts';
import type { Finding } from '../domain/finding.ts';
import { type Dataset, type Observation, recordCountOf } from '../domain/observation.ts';
import { DAY } from '../domain/time.ts';
import type { BaselineEntry, BaselineRegistry } from './baseline-registry.ts';
import { createDatasetAnalyser } from './dataset-analysis.ts';
import type { ExpectedPatterns } from './expected-patterns.ts';
import type { EffectsWriter, Transaction } from './ports.ts';
import { recommendationsFor } from './recommendations.ts';
import type { Tally } from './tally.ts';

export interface ObserveDeps {
  readonly registry: BaselineRegistry;
  readonly writer: EffectsWriter;
  readonly patterns: QueryPatternDetector;
  readonly profiles: Profiles;
  readonly tally: Tally;
  readonly expected: Pick<ExpectedPatterns, 'has'>;
  readonly hash: KeyedHash;
  /** Rate of ordinary requests that may be raised for their data, 0–1; its datasets share it. */
  readonly dataAlpha: number;
  readonly keepRaw: boolean;
  /** The second opinion, where it is switched on: takes its pick of what was committed and makes nobody wait. */
  readonly analyst?: { offer(analysis: Analysis): void };
  /** Switches kill-switch rules on, where policies say so; makes nobody wait either. */
  readonly containment?: { offer(analysis: Analysis): void };
  /** Lets others run between two slices of work. */
  pause(): Promise<void>;
}

export interface Observed {
  readonly analysis: Analysis;
  readonly stored: WriteOutcome;
}

export interface ObserveService {
  /**
   * Scores an observation against what is usual, then learns from it (never the other way round), and resolves when
   * what it writes is durable, or at once with `deferred` while the store is away.
   */
  observe(observation: Observation, hook: HookName, options?: ObserveOptions): Promise<Observed>;
  /** Records a request that a rule answered before it ran: it is logged and counted, and teaches nothing. */
  recordRefusal(refusal: Refusal): Promise<WriteOutcome>;
}

export interface ObserveOptions {
  /** False for a record given by itself, which says nothing about queries and callers. Default true. */
  readonly queryPatterns?: boolean;
  /** What a rule changed about it; without it the verdict is `allowed`. */
  readonly enforcement?: Enforcement | undefined;
  /** Everything is read and written in this transaction instead of through the writer; memory learns after its commit. */
  readonly within?: Pick<Transaction, 'history' | 'effects' | 'afterCommit'> | undefined;
}

export type Refusal = Pick<Effects, 'observation' | 'hook' | 'verdict'> & { readonly ruleKey: string };

interface Taught {
  readonly entry: BaselineEntry;
  readonly records: number;
  readonly pValues: Float64Array | null;
  readonly batch: FeatureBatch;
}

/** Weight of a record in the sample halves in this time. */
const HALF_LIFE_MS = 14 * DAY;

export function createObserveService(deps: ObserveDeps): ObserveService {
  const dictionary = createTextDictionary();
  const analyse = createDatasetAnalyser(deps.pause, dictionary);

  return {
    async observe(observation, hook, { queryPatterns = true, enforcement, within } = {}) {
      const isExpected = (finding: Finding) => deps.expected.has(patternOf(observation, finding));
      const examined = queryPatterns ? deps.patterns.examine(observation, deps.profiles) : [];
      const surprising = examined.filter((finding) => !isExpected(finding));
      const datasets: DatasetAnalysis[] = [];
      const lessons: Lesson[] = [];
      const batches: FeatureBatch[] = [];
      const taught: Taught[] = [];
      for (const dataset of observation.datasets) {
        const ladder = ladderOf(observation, dataset.name);
        const shape = await deps.registry.entryOf(ladder.shape, within?.history);
        const whole = await deps.registry.entryOf(ladder.dataset, within?.history);
        const batch = featuresOf(dataset, observation.at, deps.hash);
        batches.push(batch);
        shape.consulted = true;
        if (shape.model === null) whole.consulted = true;
        const alpha = deps.dataAlpha / observation.datasets.length;
        const analysis = await analyse(dataset, batch, [shape, whole], alpha, isExpected);
        datasets.push(analysis);
        if (observation.killed) continue;
        const decided = analysis.baseline.rung === 'shape' ? shape : whole;
        // When most of what comes is flagged or of another type, the data has changed: refusing to learn it would freeze the
        // baseline.
        const hasChanged =
          analysis.collective ||
          decided.types.changed().length > 0 ||
          isDrifting(decided.recentPValues, deps.dataAlpha);
        const suspects = hasChanged ? [] : analysis.flagged;
        const cut = Math.max(shape.cut, whole.cut);
        const lesson = lessonOf(observation, dataset, batch, ladder, new Set(suspects), cut);
        lessons.push(lesson);
        for (const entry of [shape, whole]) {
          const pValues = entry === decided ? analysis.pValues : null;
          taught.push({ entry, records: lesson.learntCount, pValues, batch });
        }
      }
      const queryFindings = examined.map((finding) =>
        surprising.includes(finding) ? finding : { ...finding, severity: 'low' as const },
      );
      const analysis = conclude(observation, datasets, queryFindings);
      const { newEntities } = deps.profiles.profilesFor(observation);
      const effects: Effects = {
        observation,
        hook,
        verdict: enforcement?.verdict ?? 'allowed',
        ruleKey: enforcement?.ruleKey ?? null,
        newEntities,
        analysis,
        lessons,
      };
      const stored = await (within?.effects ?? deps.writer).submit(effects);
      if (stored === 'duplicate') return { analysis, stored };
      const remember = () => {
        if (queryPatterns && !observation.killed) deps.profiles.learn(loggedRequestOf(observation, surprising));
        if (!observation.killed)
          batches.forEach((batch, i) => dictionary.learn(observation.datasets[i] as Dataset, batch));
        for (const { entry, records, pValues, batch } of taught) deps.registry.learnt(entry, records, pValues, batch);
        count(analysis);
        if (stored === 'committed') {
          deps.analyst?.offer(analysis);
          deps.containment?.offer(analysis);
        }
      };
      if (within) within.afterCommit(remember);
      else remember();
      return { analysis, stored };
    },
    recordRefusal: (refusal) => deps.writer.submit({ ...refusal, analysis: null, lessons: [] }),
  };

  function count({ observation, anomalous }: Analysis): void {
    const { at, source, principal, shape, errorCount } = observation;
    deps.tally.add(
      { at, source, role: principal.role, queryId: shape.id, ruleKey: '' },
      { requests: 1, records: recordCountOf(observation), anomalies: anomalous ? 1 : 0, errors: errorCount },
    );
  }

  function lessonOf(
    observation: Observation,
    dataset: Dataset,
    batch: FeatureBatch,
    ladder: BaselineLadder,
    flagged: ReadonlySet<number>,
    cut: number,
  ): Lesson {
    const records: LessonRecord[] = [];
    const quarantined: LessonRecord[] = [];
    for (let row = 0; row < dataset.recordCount; row++) {
      const priority = samplePriority(observation.id, row, observation.at, HALF_LIFE_MS);
      const suspect = flagged.has(row);
      if (!suspect && priority > cut) continue;
      const features = batch.columns.map((column) => column.features[row]);
      const raw = deps.keepRaw ? { raw: rawRecord(dataset, row) } : {};
      (suspect ? quarantined : records).push({ priority, features, ...raw });
    }
    const columns = batch.columns.map((column) => column.path);
    return { ladder, columns, records, quarantined, learntCount: dataset.recordCount - flagged.size };
  }
}

function conclude(
  observation: Observation,
  datasets: readonly DatasetAnalysis[],
  queryFindings: readonly Finding[],
): Analysis {
  const recognisable = (findings: readonly Finding[]): Finding[] =>
    findings.map((finding) => ({ ...finding, pattern: patternOf(observation, finding) }));
  const analysis: Analysis = {
    observation,
    anomalous: false,
    datasets: datasets.map((dataset) => ({ ...dataset, findings: recognisable(dataset.findings) })),
    queryFindings: recognisable(queryFindings),
    recommendations: [],
  };
  const findings = allFindings(analysis);
  return { ...analysis, anomalous: findings.length > 0, recommendations: recommendationsFor(findings) };
}

function rawRecord(dataset: Dataset, row: number): Record<string, unknown> {
  const record = Object.create(null) as Record<string, unknown>;
  for (const { path, cells } of dataset.columns) if (cells[row] !== undefined) record[path] = cells[row];
  return record;
}
