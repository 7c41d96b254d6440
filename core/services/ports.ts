import type { Uuid } from '../domain/ids.ts';
import type { Baseline } from '../domain/baseline.ts';
import type { Effects, WriteOutcome } from '../domain/effects.ts';
import type { KillSwitchRule, RuleStatus } from '../domain/kill-switch-rule.ts';
import type { RuleFindings } from '../kill-switch/rule-reach.ts';
import type { TrainingCause } from '../domain/training-cause.ts';
import type { LoggedRequest } from '../detection/patterns/logged-request.ts';
import type { VaryingValue } from '../domain/request-facts.ts';
import type { QueryId, QueryShape } from '../domain/query-shape.ts';
import type { Instant } from '../domain/time.ts';

/** What services ask of the world. `schema/store` implements these over a database. */
export interface Store {
  /** The only way to begin a transaction; never nested. Commits when `run` resolves, rolls back when it rejects. */
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
  readonly history: HistoryPort;
  readonly models: ModelPort;
  readonly log: LogPort;
  readonly labels: LabelPort;
  readonly recurrence: RecurrencePort;
  readonly rules: RulesPort;
  readonly instances: InstancePort;
  readonly tokens: TokenPort;
  readonly queries: QueryPort;
}

/** Repositories bound to one open transaction. */
export interface Transaction {
  readonly rules: RuleRepository;
  readonly anomalies: AnomalyRepository;
  readonly recurrence: RecurrencePort;
  readonly baselines: BaselineRepository;
  readonly modelVersions: ModelVersions;
  readonly retention: RetentionRepository;
  readonly evidence: EvidenceReader;
  readonly instances: InstanceReader;
  readonly queries: QueryPort;
  readonly history: HistoryPort;
  /** Applies at once, inside the transaction: durable with its commit, gone with its rollback. */
  readonly effects: EffectsWriter;
  /**
   * Runs after the commit, and not at all when there is none: for what memory holds of the stored state. What is
   * awaited in it delays the caller's answer and holds no lock.
   */
  afterCommit(action: () => void | Promise<void>): void;
}

/** Applies effects in the order given, a batch per transaction; resolves when they are durable. */
export interface EffectsWriter {
  submit(effects: Effects): Promise<WriteOutcome>;
}

// --- history and models -------------------------------------------------------------------------------------------

export interface BaselineState {
  /** Records learnt so far. */
  readonly recordCount: number;
  /** Highest version ever trained, active or not; 0 while there is none. */
  readonly latestVersion: number;
  /** The active version. */
  readonly model: StoredModel | null;
}

export interface HistoryPort {
  /** Undefined for a baseline that was never taught. */
  stateOf(baseline: Baseline): Promise<BaselineState | undefined>;
  /** Where each of the baselines stands that was ever taught, by key. */
  standings(baselines: readonly Baseline[]): Promise<ReadonlyMap<string, BaselineStanding>>;
}

export interface BaselineStanding {
  /** Records learnt so far, by all instances. */
  readonly recordCount: number;
  /** 0 without a model. */
  readonly activeVersion: number;
}

export interface StoredModel {
  readonly version: number;
  /** Records the baseline had learnt when the model was trained. */
  readonly learntCount: number;
  /** Serialised model (core/detection/records/model-format.ts). */
  readonly model: Uint8Array;
}

export interface TrainedModel extends StoredModel {
  /** Records whose sampling priority is above can't enter the full sample any more; Infinity while it is not full. */
  readonly cut: number;
}

export interface ModelPort {
  /**
   * Trains `version` off the event loop on the stored window and activates it; `cause` is kept with it. `elsewhere` while
   * another instance trains the baseline; undefined when the window is too small, or there is such a version: then
   * `stateOf` has it.
   */
  train(baseline: Baseline, version: number, cause: TrainingCause): Promise<TrainedModel | 'elsewhere' | undefined>;
}

// --- log ----------------------------------------------------------------------------------------------------------

export interface LogPort {
  /** The newest `limit` observed requests that were allowed, oldest first. */
  recent(limit: number): Promise<LoggedRequest[]>;
}

// --- kill switch --------------------------------------------------------------------------------------------------

export interface RulesPort {
  /** Value of the counter that every change of a rule increments. */
  revision(): Promise<number>;
  /** Rules that can match: active and dry-run ones, of one snapshot. */
  enforceable(): Promise<RulesState>;
  /**
   * At most `limit` rules changed after a revision, the changes longest ago first, whatever their status now; `revision`
   * is that of the last of these changes. Fewer: there are no others.
   */
  changedSince(revision: number, limit: number): Promise<RulesState>;
  /** Rules as people list them, by namespace and key; all filters apply together. */
  list(filter: RuleFilter): Promise<RulesState>;
  /** At most `limit` rules without what compiling finds out, by id, after the one with the id given. */
  undescribed(after: string, limit: number): Promise<readonly KillSwitchRule[]>;
  /** Adds what compiling found out about a rule, unless it changed since. No change of the rule: its revision stays. */
  describe(rule: KillSwitchRule, findings: RuleFindings): Promise<void>;
  /** Replaces what the built-in canary rule compares: a change like any other, without a row of audit. */
  writeCanary(nonce: string): Promise<void>;
  /** What the canary compares at present; null before the first self-test. */
  canary(): Promise<string | null>;
}

/** Rules, with the revision of which they are the state. */
export interface RulesState {
  readonly revision: number;
  readonly rules: readonly KillSwitchRule[];
}

export interface RuleFilter {
  readonly namespace?: string;
  readonly statuses?: readonly RuleStatus[];
  /** Only rules changed after this revision. */
  readonly since?: number;
}

export const RULE_CHANGES = [
  'create',
  'update',
  'activate',
  'deactivate',
  'archive',
  'extend',
  'expire',
  'guard',
] as const;

export interface RuleChange {
  readonly change: (typeof RULE_CHANGES)[number];
  readonly actor: string;
  readonly surface: string;
  readonly at: Instant;
  readonly reason: string | null;
  readonly before: KillSwitchRule | null;
  readonly after: KillSwitchRule;
}

export interface RuleRepository {
  byId(id: Uuid): Promise<KillSwitchRule | undefined>;
  byKey(namespace: string, key: string): Promise<KillSwitchRule | undefined>;
  /** Waits for the changes before: what is read after it stays as it is until the transaction ends. */
  lock(): Promise<void>;
  /** Increments the revision counter; its row lock puts concurrent changes in one order. */
  nextRevision(): Promise<number>;
  /** Inserts or replaces the rule and appends the audit row. */
  save(change: RuleChange): Promise<void>;
  /** Active rules with a re-check whose validity ends at or before the instant. */
  dueForRecheck(at: Instant): Promise<readonly KillSwitchRule[]>;
}

// --- instances ----------------------------------------------------------------------------------------------------

export interface InstanceHeartbeat {
  readonly id: Uuid;
  readonly name: string;
  readonly environment: string | null;
  readonly startedAt: Instant;
  readonly heartbeatAt: Instant;
  readonly appliedRevision: number;
  readonly appliedAt: Instant;
  readonly state: 'current' | 'stale' | 'unsupported' | 'stopped';
  /** `namespace.key` of rules that do not compile there. */
  readonly unsupported: readonly string[];
  /** `namespace.key` of rules that fail there on more than 1 % of their evaluations. */
  readonly erroring: readonly string[];
  readonly selfTest: { readonly at: Instant; readonly ok: boolean } | null;
}

export interface InstanceReader {
  /** Those whose last heartbeat is not older than `since`, stopped ones left out. */
  alive(since: Instant): Promise<readonly InstanceHeartbeat[]>;
  /** When the change that made a revision of the rules was; undefined where the rule changed again since. */
  changedAt(revision: number): Promise<Instant | undefined>;
}

export interface InstancePort extends InstanceReader {
  /** Inserts or replaces the row of this process. */
  beat(heartbeat: InstanceHeartbeat): Promise<void>;
  deleteBefore(at: Instant): Promise<void>;
}

// --- evidence -----------------------------------------------------------------------------------------------------

/** A request as the log keeps it, in the words of the kill switch's facts. */
export interface StoredFact {
  readonly id: Uuid;
  readonly at: Instant;
  readonly hook: string;
  /** The fact without what is not kept: variables, headers, other session variables, and argument values unless allowed. */
  readonly fact: Readonly<Record<string, unknown>>;
  /** Arguments of which the request has several values; null: argument values were not kept. */
  readonly varying: readonly VaryingValue[] | null;
}

/** What was seen, for questions about rules. */
export interface EvidenceReader {
  /** One page of requests since the instant, newest first; `before` is the last one of the page before. */
  facts(since: Instant, limit: number, before: Pick<StoredFact, 'id' | 'at'> | null): Promise<readonly StoredFact[]>;
  /** Matches of a rule (`namespace.key`) since the instant, enforced or in dry run. */
  matchesOf(ruleLabel: string, since: Instant): Promise<number>;
  /** Whether a program was in touch since the instant that evaluates the rules of the namespace itself, uncounted. */
  hasHolders(namespace: string, since: Instant): Promise<boolean>;
  /** Findings since the instant; without kinds, of any. */
  findings(kinds: readonly string[], since: Instant): Promise<number>;
}

// --- anomalies ----------------------------------------------------------------------------------------------------

export interface AnomalyFeedback {
  readonly label?: { readonly value: 'confirmed' | 'expected'; readonly by: string; readonly at: Instant };
  readonly acknowledgement?: { readonly by: string; readonly at: Instant };
  readonly note?: string | null;
}

export interface AnomalyRepository {
  /** The published row (columns of `anomaly_records`, JSON forms), or undefined. */
  row(id: Uuid): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** The published rows of what was found in an observation, in the order it was found. */
  rowsOf(observationId: Uuid): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The published rows of `anomaly_fields` of a finding, by rank. */
  fieldRows(id: Uuid): Promise<readonly Readonly<Record<string, unknown>>[]>;
  giveFeedback(id: Uuid, feedback: AnomalyFeedback): Promise<void>;
  /**
   * Moves the records quarantined with the finding – those of its dataset in its observation – into history and counts
   * them as learnt; returns how many per baseline. Nothing for a finding about a query or a caller.
   */
  releaseQuarantine(id: Uuid): Promise<readonly MovedRecords[]>;
  /** Undoes that for the finding and its repeats: moves the records into quarantine again and counts them as not learnt. */
  withdrawReleased(id: Uuid): Promise<readonly MovedRecords[]>;
}

/** Records that went into the history of a baseline, or left it. */
export interface MovedRecords {
  readonly baselineId: Uuid;
  readonly baselineKey: string;
  readonly records: number;
}

/** A label given to a finding that has a pattern. */
export interface LabelledPattern {
  readonly pattern: string;
  readonly label: 'confirmed' | 'expected';
}

export interface LabelPort {
  /** The labels given last, newest first. */
  latest(limit: number): Promise<readonly LabelledPattern[]>;
}

export interface RecurrencePort {
  /** When findings of each of the patterns were first and last made since an instant; none for those that were not. */
  spansOf(
    patterns: readonly string[],
    since: Instant,
  ): Promise<ReadonlyMap<string, { readonly first: Instant; readonly last: Instant }>>;
}

export interface BaselineRepository {
  /** Deletes samples, counts and models of every baseline of a query; returns the number of records forgotten. */
  clearHistory(query: QueryRef): Promise<number>;
}

// --- tokens -------------------------------------------------------------------------------------------------------

export interface TokenRecord {
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
}

export interface TokenPort {
  /** Rejects with a DomainError `unavailable` while the database does not answer. */
  byHash(hash: string): Promise<TokenRecord | undefined>;
  create(token: {
    readonly name: string;
    readonly role: TokenRecord['role'];
    readonly hash: string;
    readonly createdAt: Instant;
    readonly expiresAt: Instant | null;
  }): Promise<void>;
  list(): Promise<readonly (TokenRecord & { readonly createdAt: Instant })[]>;
  revoke(name: string, at: Instant): Promise<boolean>;
}

// --- tally --------------------------------------------------------------------------------------------------------

/** Counts of one minute and one combination of labels; `ruleKey` is empty in rows about requests. */
export interface TallyRow {
  readonly minute: Instant;
  readonly source: string;
  readonly role: string;
  readonly queryId: string;
  readonly ruleKey: string;
  readonly requests: number;
  readonly records: number;
  readonly anomalies: number;
  readonly errors: number;
  /** Evaluations of the rule; in rows of their own, per hour and over all roles (rule-evaluations). */
  readonly evaluated: number;
  readonly enforced: number;
  readonly wouldEnforce: number;
}

export interface TallyPort {
  /** Adds to what is stored, all rows in one transaction. */
  add(rows: readonly TallyRow[]): Promise<void>;
  /** Whether a failure is about the rows; else the database can't be written now, and the same rows may do later. */
  isRefusal(error: unknown): boolean;
}

// --- queries ------------------------------------------------------------------------------------------------------

/** A query as a person names it: by our id, or by the original plugin's MD5 of its text. */
export type QueryRef = { readonly queryId: QueryId } | { readonly queryHash: string };

export interface KnownQuery {
  readonly queryHash: string;
  readonly operationName: string | null;
  readonly shape: QueryShape;
}

export interface KnownBaseline {
  readonly dataset: string;
  readonly scope: string;
  readonly recordCount: number;
  /** The active model, if there is one. */
  readonly model: {
    readonly version: number;
    readonly features: number;
    readonly records: number;
    readonly trainedAt: Instant;
  } | null;
}

export interface HistoryRecord {
  /** The row as received where history is raw, else its features by column. */
  readonly data: unknown;
  readonly at: Instant;
}

export interface QueryPort {
  find(query: QueryRef): Promise<KnownQuery | undefined>;
  /** Baselines of the shape, richest first. */
  baselines(queryId: QueryId): Promise<readonly KnownBaseline[]>;
  /** Records kept of the shape, newest first, quarantined ones left out. */
  history(
    queryId: QueryId,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<readonly HistoryRecord[]>;
}

// --- retention ----------------------------------------------------------------------------------------------------

/** Before which event time each kind of data goes. */
export interface RetentionCutoffs {
  readonly log: Instant;
  readonly anomalies: Instant;
  readonly history: Instant;
  readonly models: Instant;
}

export interface RetentionRepository {
  /**
   * Deletes at most `limit` rows per kind, oldest first, and what hangs on them; returns how many of each went. Zero
   * everywhere means that nothing is left to delete.
   */
  deleteBefore(cutoffs: RetentionCutoffs, limit: number): Promise<Readonly<Record<RetentionKind, number>>>;
}

export const RETENTION_KINDS = [
  'requests',
  'traffic_counts',
  'anomalies',
  'baselines',
  'models',
  'samples',
  'query_shapes',
] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

// --- model versions -----------------------------------------------------------------------------------------------

export interface ModelVersions {
  /** Whether there is such a baseline. */
  exists(baselineId: Uuid): Promise<boolean>;
  /**
   * Makes the version before the active one active and marks that one rolled back. Undefined when there is none before;
   * else the published row of the model that is active now.
   */
  rollBack(baselineId: Uuid, at: Instant): Promise<Readonly<Record<string, unknown>> | undefined>;
  /**
   * Forgets when the active model was trained, so that the next request asks for a new version. Undefined when nothing
   * is active; else the published row of the active model.
   */
  expire(baselineId: Uuid, at: Instant): Promise<Readonly<Record<string, unknown>> | undefined>;
}
