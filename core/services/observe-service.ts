import { patternOf } from '../detection/finding-pattern.ts';
import type { ScoredDelivery } from '../detection/records/drift-watch.ts';
import type { KeyedHash } from '../detection/records/keyed-hash.ts';
import { type FeatureBatch, featuresOf } from '../detection/records/record-features.ts';
import { createTextDictionary } from '../detection/records/text-dictionary.ts';
import { loggedRequestOf } from '../detection/patterns/logged-request.ts';
import type { QueryPatternDetector } from '../detection/patterns/pattern-detector.ts';
import type { Profiles } from '../detection/patterns/profiles.ts';
import { allFindings, type Analysis, type DatasetAnalysis } from '../domain/analysis.ts';
import { type Baseline, ladderOf } from '../domain/baseline.ts';
import type { Effects, Enforcement, HookName, Lesson, WriteOutcome } from '../domain/effects.ts';
import type { Finding } from '../domain/finding.ts';
import { type Dataset, type Observation, recordCountOf } from '../domain/observation.ts';
import type { BaselineEntry, BaselineRegistry } from './baseline-registry.ts';
import { createDatasetAnalyser } from './dataset-analysis.ts';
import type { ExpectedPatterns } from './expected-patterns.ts';
import { driftFinding } from './drift-finding.ts';
import { lessonOf } from './lesson.ts';
import type { EffectsWriter, Transaction } from './ports.ts';
import { type HeldBack, holdBack } from './quarantine.ts';
import { recommendationsFor } from './recommendations.ts';
import type { Recurrence } from './recurrence.ts';
import type { Tally } from './tally.ts';

export interface ObserveDeps {
  readonly registry: BaselineRegistry;
  readonly writer: EffectsWriter;
  readonly patterns: QueryPatternDetector;
  readonly profiles: Profiles;
  readonly tally: Tally;
  readonly expected: Pick<ExpectedPatterns, 'has' | 'isConfirmed'>;
  readonly recurrence: Recurrence;
  readonly hash: KeyedHash;
  /** Rate of ordinary requests that may be raised for their data, 0–1; its datasets share it. */
  readonly dataAlpha: number;
  readonly keepRaw: boolean;
  /** Told once, when the data of a baseline begins to drift. */
  onDrift?(baseline: Baseline, finding: Finding): void;
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
  readonly within?: Pick<Transaction, 'history' | 'effects' | 'recurrence' | 'afterCommit'> | undefined;
}

export type Refusal = Pick<Effects, 'observation' | 'hook' | 'verdict'> & { readonly ruleKey: string };

/** What is noted of a baseline once the observation is stored. */
interface Taught {
  readonly entry: BaselineEntry;
  readonly records: number;
  /** Of the records that teach, where the model of this baseline decided. */
  readonly pValues: Float64Array | null;
  /** The records that teach. */
  readonly batch: FeatureBatch;
  readonly scored: ScoredDelivery | null;
  readonly drift: Finding | null;
}

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
      const setAside: HeldBack[] = [];
      for (const dataset of observation.datasets) {
        const ladder = ladderOf(observation, dataset.name);
        const shape = await deps.registry.entryOf(ladder.shape, within?.history);
        const whole = await deps.registry.entryOf(ladder.dataset, within?.history);
        const batch = featuresOf(dataset, observation.at, deps.hash);
        batches.push(batch);
        shape.consulted = true;
        if (shape.model === null) whole.consulted = true;
        const alpha = deps.dataAlpha / observation.datasets.length;
        const judged = await analyse(dataset, batch, [shape, whole], alpha, isExpected);
        const decided = judged.baseline.rung === 'shape' ? shape : whole;
        const scored = observation.killed ? null : deliveryOf(observation, judged);
        const drift = scored === null ? null : driftOf(decided, scored, dataset, batch, isExpected);
        datasets.push(drift === null ? judged : { ...judged, findings: [...judged.findings, drift] });
        if (observation.killed) continue;
        const held = await holdBack(judged, decided.drift, observation.at, {
          expected: deps.expected,
          recurring: (patterns) => deps.recurrence.recurring(patterns, observation.at, within?.recurrence),
          patternOf: (finding) => patternOf(observation, finding),
        });
        setAside.push(held);
        const cut = Math.max(shape.cut, whole.cut);
        const lesson = lessonOf(observation, dataset, batch, { ladder, held: held.rows, cut, keepRaw: deps.keepRaw });
        lessons.push(lesson);
        const learnt = withoutRows(batch, held.rows);
        for (const entry of [shape, whole]) {
          const isDecided = entry === decided && judged.pValues !== null;
          taught.push({
            entry,
            records: lesson.learntCount,
            batch: learnt,
            pValues: isDecided ? judged.pValues.filter((_, row) => !held.rows.has(row)) : null,
            scored: isDecided ? scored : null,
            drift: isDecided ? drift : null,
          });
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
        for (const { patterns } of setAside) deps.recurrence.note(patterns, observation.at);
        for (const { entry, records, pValues, batch, scored, drift } of taught) {
          if (scored) entry.drift.note(scored);
          if (drift) deps.onDrift?.(entry.baseline, drift);
          deps.registry.learnt(entry, records, pValues, batch);
        }
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
}

/** Null where no model scored the records. */
function deliveryOf({ at, principal }: Observation, { pValues }: DatasetAnalysis): ScoredDelivery | null {
  return pValues && { at, caller: principal.userId ?? '', pValues };
}

function withoutRows(batch: FeatureBatch, rows: ReadonlySet<number>): FeatureBatch {
  if (rows.size === 0) return batch;
  return {
    at: batch.at,
    recordCount: batch.recordCount - rows.size,
    columns: batch.columns.map(({ path, features }) => ({
      path,
      features: features.filter((_, row) => !rows.has(row)),
    })),
  };
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
