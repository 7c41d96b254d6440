import type { Transaction } from '../../core/services/ports/store.ts';
import type { VerbTable } from '../../core/services/verbs/verb.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { QueryRunner } from '../query/query-runner.ts';
import type { GraphqlLimits } from './graphql-limits.ts';

/** What the GraphQL surface needs of the rest of the process. */
export interface GraphqlDeps {
  readonly engine: QueryEngine;
  /** Where queries run: reads only. */
  readonly runner: QueryRunner;
  readonly verbs: VerbTable;
  /**
   * Opens a snapshot for a function, with a runner of the same: everything it reads is one state of the data, in the time
   * of the reader, and nothing can be written.
   */
  snapshot<T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T>;
  /**
   * Opens a transaction for a procedure, with a runner whose statements run inside it, so that what is selected of a result
   * sees the change. Commits when `run` resolves, rolls back when it rejects.
   */
  transaction<T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T>;
  /** Takes what a client is not told, with the id that it is told instead. */
  logError(id: string, error: unknown): void;
  readonly limits?: Partial<GraphqlLimits>;
  /** Serves GraphiQL to browsers on GET; its page loads scripts from a CDN. Default false. */
  readonly graphiql?: boolean;
}
