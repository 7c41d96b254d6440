import type { ActorRole } from '../core/domain/actor.ts';
import type { Transaction } from '../core/services/ports/store.ts';
import type { VerbTable } from '../core/services/verbs/verb.ts';
import type { QueryEngine } from '../schema/query/query-engine.ts';
import type { QueryRunner } from '../schema/query/query-runner.ts';

/** What the NDC surface needs of the rest of the process. */
export interface ConnectorDeps {
  readonly engine: QueryEngine;
  /** Where queries run: reads only. */
  readonly runner: QueryRunner;
  readonly verbs: VerbTable;
  /**
   * Opens a snapshot for functions, with a runner of the same: everything they read is one state of the data, in the time
   * of the reader, and nothing can be written.
   */
  snapshot<T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T>;
  /**
   * Opens a transaction for procedures, with a runner whose statements run inside it, so that what is selected of a result
   * sees the change. Commits when `run` resolves, rolls back when it rejects.
   */
  transaction<T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T>;
  /** For all calls of a function that one request makes with its variable sets. Default 30,000 ms. */
  readonly functionTimeMs?: number;
  /** What holding the service token permits; default `admin`, since permissions of persons are the engine's. */
  readonly role?: ActorRole;
  /** Rejects with a DomainError `unavailable` while the process is not ready to answer. */
  ready?(): Promise<void>;
}
