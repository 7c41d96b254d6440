import type { Analysis } from './analysis.ts';
import type { BaselineLadder } from './baseline.ts';
import type { Observation } from './observation.ts';

/** The call that showed a request. */
export type HookName = 'pre-parse' | 'pre-response' | 'pre-ndc-request' | 'pre-ndc-response' | 'rest';

export type Verdict = 'allowed' | 'blocked' | 'responded' | 'rewritten' | 'masked';

/** What a rule did to a request or to its response, by the key of the rule. */
export interface Enforcement {
  readonly verdict: Exclude<Verdict, 'allowed'>;
  readonly ruleKey: string;
}

/**
 * Everything one observation writes, applied in one transaction and only if its delivery key is new: its log row, its
 * analysis with findings, and what it teaches.
 */
export interface Effects {
  readonly observation: Observation;
  readonly hook: HookName;
  readonly verdict: Verdict;
  readonly ruleKey: string | null;
  /** Records that the caller had not read within the hour; absent where there is no response. */
  readonly newEntities?: number;
  /** Null for a request without a response to analyse: one that a rule refused before it ran. */
  readonly analysis: Analysis | null;
  readonly lessons: readonly Lesson[];
}

/** What one dataset of an observation adds to the history of both rungs of its ladder. */
export interface Lesson {
  readonly ladder: BaselineLadder;
  readonly columns: readonly string[];
  /** Records that teach: sampling priority (smaller is kept) and one feature per column, JSON values. */
  readonly records: readonly LessonRecord[];
  /** Records under suspicion: kept apart, teaching nothing until released. */
  readonly quarantined: readonly LessonRecord[];
  /** Records that taught, including those that lost against the sample and are in neither list. */
  readonly learntCount: number;
}

export interface LessonRecord {
  readonly priority: number;
  readonly features: readonly unknown[];
  /** The row as received, where the configuration asks for it. */
  readonly raw?: unknown;
}

/** What became of effects. */
export type WriteOutcome = 'committed' | 'duplicate' | 'deferred' | 'dropped';
