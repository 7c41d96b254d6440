import type { DdnFact } from '../core/document/ddn-facts.ts';
import type { Actor } from '../core/domain/actor.ts';
import type { Analysis } from '../core/domain/analysis.ts';
import type { AnalystOutcome, AnalystState } from '../core/domain/analyst-opinion.ts';
import type { Decision, Stage } from '../core/domain/decision.ts';
import type { Enforcement, HookName, WriteOutcome } from '../core/domain/effects.ts';
import type { Observation } from '../core/domain/observation.ts';
import type { RequestFacts } from '../core/domain/request-facts.ts';
import type { QueryId } from '../core/domain/query-shape.ts';
import type { Clock, Instant } from '../core/domain/time.ts';
import type { RequestTracer } from '../core/services/request-tracer.ts';

/**
 * Everything the hooks and the REST surface need from the application, and all they know of it. Methods may throw
 * DomainErrors; REST maps those to statuses, a hook answers the engine by the protocol whatever is thrown.
 */
export interface PluginServices {
  readonly clock: Clock;
  readonly log: PluginLog;
  /** One span per hook call. */
  readonly tracer: RequestTracer;
  /** Counts one event of the hooks, for `/metrics`. */
  count(event: HookEvent, hook: HookName): void;

  /** False when no rule can match at this stage: hooks then build no facts. */
  hasRules(stage: Stage): boolean;
  /** The rules' answer to one request; unfinished where `isOverdue` said so before every rule was asked. */
  decide(request: RequestFacts<DdnFact>, stage: Stage, isOverdue: () => boolean): Decision;
  /** Counts what the rules said of one request. */
  countDecision(decision: Decision, role: string, stage: Stage): void;
  /** `POST /validate`: whether a rule of the namespace matches. Unknown namespaces match nothing; never throws for data. */
  matches(namespace: string, fact: Readonly<Record<string, unknown>>): boolean | Promise<boolean>;

  /**
   * Analyses and learns; resolves when the effects are durable, or at once with what else became of them.
   *
   * @param enforcement what a rule changed about the request or its response, if one did
   */
  observe(observation: Observation, hook: HookName, enforcement?: Enforcement): Promise<Observed>;
  /** Records a request that a rule answered before it ran. Nobody waits for it. */
  recordRefusal(refusal: Refusal): Promise<void>;

  /** Asks the analyst about an analysis and waits within its bound; `skipped` at once where it is off. */
  secondOpinion(analysis: Analysis): Promise<AnalystOutcome>;
  /** What the analyst does at present, for `/health`. */
  analystState(): AnalystState;

  readonly queries: QueryLookup;
  /** The holder of a bearer token, or null. */
  authenticate(token: string): Promise<Actor | null>;
}

export interface PluginLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface Observed {
  readonly analysis: Analysis;
  readonly stored: WriteOutcome;
}

export interface Refusal extends Enforcement {
  /** Without datasets, `killed` is true. */
  readonly observation: Observation;
  readonly hook: HookName;
  readonly verdict: 'blocked' | 'responded';
}

/** What is counted per hook; published names (`hook_events_total{event=…}`). */
export const HOOK_EVENTS = [
  'continued',
  'responded',
  'rewritten',
  'refused',
  'bad_secret',
  'bad_body',
  'body_too_large',
  'unreadable_document',
  'unknown_shape',
  'own_traffic',
  'excluded',
  'killed_response',
  'deadline_exceeded',
  'observed',
  'duplicate',
  'deferred',
  'dropped',
  'dropped_datasets',
  'failed',
] as const;

export type HookEvent = (typeof HOOK_EVENTS)[number];

/** A query as REST addresses it: by our id or by the original's MD5 of its text. */
export type QueryRef = { readonly queryId: QueryId } | { readonly queryHash: string };

export interface QueryLookup {
  /** Undefined for a query that was never seen. */
  overview(query: QueryRef): Promise<QueryOverview | undefined>;
  /** Newest first. */
  history(
    query: QueryRef,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<readonly HistoryRecord[]>;
  /** Forgets what was learnt; returns the number of records. Throws `forbidden` where the actor may not. */
  clearHistory(query: QueryRef, actor: Actor): Promise<number>;
  /** Scores one record against the query's baseline and learns it. */
  analyzeRecord(query: QueryRef, record: Readonly<Record<string, unknown>>, actor: Actor): Promise<Observed>;
}

export interface QueryOverview {
  readonly queryId: QueryId;
  /** Of the text seen last. */
  readonly queryHash: string;
  readonly historicalRecords: number;
  readonly model: QueryModel | null;
}

export interface QueryModel {
  readonly version: number;
  readonly features: number;
  readonly records: number;
  readonly trainedAt: Instant;
}

export interface HistoryRecord {
  /** The row as received where history is raw, else its cell features by column. */
  readonly data: unknown;
  readonly at: Instant;
}
