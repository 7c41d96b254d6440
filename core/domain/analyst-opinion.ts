import type { Category } from './finding.ts';
import type { Uuid } from './ids.ts';
import type { QueryId } from './query-shape.ts';
import type { Instant } from './time.ts';

/** Why the analyst was asked: something was found, a role sent a new shape, by chance, or a caller waits for it. */
export const ASK_REASONS = ['suspicion', 'new_shape', 'sample', 'request'] as const;
export type AskReason = (typeof ASK_REASONS)[number];

export const RISK_LEVELS = ['low', 'medium', 'high'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

/** What the analyst says about one record of the observation, or, with `recordIndex` -1, about a dataset. */
export interface OpinionRecord {
  readonly observationId: Uuid;
  readonly dataset: string;
  /** Position in the dataset, from 0. */
  readonly recordIndex: number;
  readonly reason: string;
  readonly riskLevel: RiskLevel;
  readonly category: Category;
}

/** A kill-switch rule the analyst proposes. Never stored as anything but a draft, and only if its condition compiles. */
export interface DraftRule {
  readonly condition: string;
  readonly reason: string;
  /** Null where the condition was accepted by our compiler; else why it was refused. */
  readonly refused: string | null;
}

/** An alert rule the analyst proposes, as words and numbers for a person to decide on. */
export interface DraftAlert {
  readonly metric: string;
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly windowMinutes: number;
  readonly reason: string;
}

export interface TokenUsage {
  /** Input tokens that were neither written to nor read from the provider's cache. */
  readonly input: number;
  readonly output: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
}

export function totalTokens(usage: TokenUsage): number {
  return usage.input + usage.output + usage.cacheWrite + usage.cacheRead;
}

/**
 * A second opinion on one query (or several of the same shape and finding kinds). It can add to what statistics found and
 * never takes away: nothing in it lowers a score, activates a rule, is executed or linked. All texts are the model's,
 * capped, free of control characters, and untrusted: escape them wherever they are shown.
 */
export interface AnalystOpinion {
  readonly id: Uuid;
  readonly at: Instant;
  readonly reason: AskReason;
  readonly queryId: QueryId;
  /** The observations it was given about. */
  readonly observationIds: readonly Uuid[];
  readonly anomaliesDetected: boolean;
  readonly records: readonly OpinionRecord[];
  readonly queryPattern: {
    readonly typical: boolean;
    readonly concerns: readonly string[];
    readonly recommendations: readonly string[];
  };
  /** Violations of what looks like a business rule. */
  readonly businessRules: readonly {
    readonly rule: string;
    readonly violation: string;
    readonly riskLevel: RiskLevel;
  }[];
  readonly summary: string;
  readonly draftRule: DraftRule | null;
  readonly draftAlert: DraftAlert | null;
  readonly model: string;
  readonly promptVersion: string;
  readonly usage: TokenUsage;
  /** In the currency of the configured prices; null where none are configured. */
  readonly cost: number | null;
  readonly latencyMs: number;
}

/** What the analyst is doing now. */
export const ANALYST_STATES = ['off', 'idle', 'working', 'over_budget', 'open_circuit', 'misconfigured'] as const;
export type AnalystState = (typeof ANALYST_STATES)[number];

/** What becomes of a question. */
export type AnalystOutcome =
  | { readonly status: 'answered'; readonly opinion: AnalystOpinion; readonly cached: boolean }
  /** Not asked, and why. */
  | { readonly status: 'skipped'; readonly why: SkipReason }
  /** Asked in vain. */
  | { readonly status: 'failed'; readonly fault: AnalystFaultKind }
  /** The bound on waiting was reached first; the opinion arrives later. */
  | { readonly status: 'pending' };

export type SkipReason =
  | 'off'
  | 'opted_out'
  | 'not_suspicious'
  | 'over_budget'
  | 'open_circuit'
  | 'misconfigured'
  | 'queue_full'
  /** Not even the least of the question fits MAX_TOKENS. */
  | 'too_large'
  | 'stopping';

export const ANALYST_FAULTS = [
  'bad_key',
  'unknown_model',
  'bad_request',
  'rate_limited',
  'overloaded',
  'provider_error',
  'timeout',
  'connection',
  'refused',
  'cut_short',
  'invalid_answer',
] as const;
/** Why a call brought no opinion. */
export type AnalystFaultKind = (typeof ANALYST_FAULTS)[number];
