import type { Effects, WriteOutcome } from '../../domain/effects.ts';
import type { AnomalyRepository, BaselineRepository, LabelPort, RecurrencePort } from './anomalies.ts';
import type { EvidenceReader } from './evidence.ts';
import type { InstancePort, InstanceReader } from './instances.ts';
import type { HistoryPort, ModelPort, ModelVersions } from './models.ts';
import type { QueryPort } from './queries.ts';
import type { LogPort } from './request-log.ts';
import type { RetentionRepository } from './retention.ts';
import type { RuleRepository, RulesPort } from './rules.ts';
import type { TokenPort } from './tokens.ts';

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
