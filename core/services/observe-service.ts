import { patternOf } from '../detection/finding-pattern.ts';
import { loggedRequestOf } from '../detection/patterns/logged-request.ts';
import type { QueryPatternDetector } from '../detection/patterns/pattern-detector.ts';
import type { Profiles } from '../detection/patterns/profiles.ts';
import { allFindings, type Analysis, type DatasetAnalysis } from '../domain/analysis.ts';
import type { Effects, Enforcement, HookName, WriteOutcome } from '../domain/effects.ts';
import type { Finding } from '../domain/finding.ts';
import { type Observation, recordCountOf } from '../domain/observation.ts';
import { createDatasetExaminer, type DatasetExaminerDeps, type DatasetExamination } from './dataset-examination.ts';
import type { EffectsWriter, Transaction } from './ports/store.ts';
import { recommendationsFor } from './recommendations.ts';
import { createSlicer } from './slices.ts';
import type { Tally } from './tally.ts';

export interface ObserveDeps extends Omit<DatasetExaminerDeps, 'inSlices'> {
  readonly writer: EffectsWriter;
  readonly patterns: QueryPatternDetector;
  readonly profiles: Profiles;
  readonly tally: Tally;
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

/** Longest turn of work on a response before others run. */
const SLICE_MS = 4;

export function createObserveService(deps: ObserveDeps): ObserveService {
  const examiner = createDatasetExaminer({ ...deps, inSlices: createSlicer(deps.pause, SLICE_MS) });

  return {
    async observe(observation, hook, { queryPatterns = true, enforcement, within } = {}) {
      const isExpected = (finding: Finding) => deps.expected.has(patternOf(observation, finding));
      const examined = queryPatterns ? deps.patterns.examine(observation, deps.profiles) : [];
      const surprising = examined.filter((finding) => !isExpected(finding));
      const examinations: DatasetExamination[] = [];
      for (const dataset of observation.datasets) {
        examinations.push(await examiner.examine(observation, dataset, within));
      }
      const queryFindings = examined.map((finding) =>
        surprising.includes(finding) ? finding : { ...finding, severity: 'low' as const },
      );
      const datasets = examinations.map((examination) => examination.analysis);
      const analysis = conclude(observation, datasets, queryFindings);
      const { newEntities } = deps.profiles.profilesFor(observation);
      const effects: Effects = {
        observation,
        hook,
        verdict: enforcement?.verdict ?? 'allowed',
        ruleKey: enforcement?.ruleKey ?? null,
        newEntities,
        analysis,
        lessons: examinations.flatMap(({ teaching }) => teaching?.lesson ?? []),
      };
      const stored = await (within?.effects ?? deps.writer).submit(effects);
      if (stored === 'duplicate') return { analysis, stored };
      const remember = () => {
        if (queryPatterns && !observation.killed) deps.profiles.learn(loggedRequestOf(observation, surprising));
        for (const examination of examinations) examiner.learn(observation, examination);
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
