import pg from 'pg';
import { SECOND } from '../../core/domain/time.ts';
import type { CompiledSql, ExecuteSql } from '../query/query-runner.ts';
import { codeOf, databaseUnavailable, faultOf, statementTimedOut } from './database-errors.ts';
import type { Reader } from './reader.ts';

export interface PostgresReaderOptions {
  readonly connectionString: string;
  /** Default 4. */
  readonly connections?: number;
  /** Per statement. Default 30 s. */
  readonly statementTimeoutMs?: number;
  /** Told of an idle connection that broke; the pool replaces it. */
  readonly onIdleError?: (error: Error) => void;
}

const QUERY_CANCELED = '57014';

/** Reads through a pool of its own whose sessions can't write. */
export function createPostgresReader(options: PostgresReaderOptions): Reader {
  const timeoutMs = options.statementTimeoutMs ?? 30 * SECOND;
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.connections ?? 4,
    connectionTimeoutMillis: 10 * SECOND,
    options: `-c default_transaction_read_only=on -c statement_timeout=${timeoutMs}`,
  });
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));

  const executeOn =
    (client: pg.Pool | pg.PoolClient): ExecuteSql =>
    async ({ sql, parameters }: CompiledSql) => {
      try {
        const { rows } = await client.query<unknown[]>({ text: sql, values: [...parameters], rowMode: 'array' });
        return rows;
      } catch (error) {
        throw errorOf(error, timeoutMs);
      }
    };

  return {
    dialect: 'postgresql',
    execute: executeOn(pool),
    async snapshot(run) {
      const client = await pool.connect().catch((error: unknown) => {
        throw databaseUnavailable(error);
      });
      const execute = executeOn(client);
      let failed: Error | undefined;
      try {
        await execute({ sql: 'begin isolation level repeatable read read only', parameters: [] });
        const result = await run(execute);
        await execute({ sql: 'commit', parameters: [] });
        return result;
      } catch (error) {
        failed = error as Error;
        throw error;
      } finally {
        // A connection in an aborted transaction is not given back.
        client.release(failed);
      }
    },
    close: () => pool.end(),
  };
}

function errorOf(error: unknown, timeoutMs: number): Error {
  return codeOf(error) === QUERY_CANCELED ? statementTimedOut(timeoutMs, error) : faultOf(error);
}
