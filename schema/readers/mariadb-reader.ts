import type { Connection, Pool } from 'mariadb';
import { unsupported } from '../../core/domain/errors.ts';
import { SECOND } from '../../core/domain/time.ts';
import { mariadbConnection } from '../mariadb-url.ts';
import type { Cells, CompiledSql, ExecuteSql } from '../query/query-runner.ts';
import { codeOf, databaseUnavailable, faultOf, statementTimedOut } from './database-errors.ts';
import type { Reader } from './reader.ts';

export interface MariadbReaderOptions {
  /** `mariadb://user:password@host:port/database`, see mariadb-url.ts. */
  readonly connectionString: string;
  /** Default 4. */
  readonly connections?: number;
  /** Per statement. Default 30 s. */
  readonly statementTimeoutMs?: number;
  /** For a connection to be there, new or from the pool. Default 10 s. */
  readonly connectTimeoutMs?: number;
}

const TIMED_OUT = 'ER_STATEMENT_TIMEOUT';

/** Reads through a pool of its own whose sessions can't write. The driver is an optional package. */
export async function createMariadbReader(options: MariadbReaderOptions): Promise<Reader> {
  const timeoutMs = options.statementTimeoutMs ?? 30 * SECOND;
  const pool = await openPool(options, timeoutMs);

  const executeOn =
    (connection: Pool | Connection): ExecuteSql =>
    async ({ sql, parameters }: CompiledSql) => {
      try {
        const rows: unknown = await connection.query({ sql, rowsAsArray: true, checkNumberRange: false }, [
          ...parameters,
        ]);
        return Array.isArray(rows) ? (rows as Cells[]) : [];
      } catch (error) {
        throw errorOf(error, timeoutMs);
      }
    };

  return {
    dialect: 'mariadb',
    execute: executeOn(pool),
    async snapshot(run) {
      const connection = await pool.getConnection().catch((error: unknown) => {
        throw databaseUnavailable(error);
      });
      const execute = executeOn(connection);
      try {
        await execute({ sql: 'start transaction with consistent snapshot, read only', parameters: [] });
        const result = await run(execute);
        await execute({ sql: 'commit', parameters: [] });
        return result;
      } finally {
        // Rolls back what is open.
        await connection.release();
      }
    },
    close: () => pool.end(),
  };
}

async function openPool(options: MariadbReaderOptions, timeoutMs: number): Promise<Pool> {
  const { createPool } = await import('mariadb').catch((cause: unknown) => {
    throw unsupported('DRIVER_MISSING', 'MariaDB needs the package "mariadb": npm install mariadb', { cause });
  });
  return createPool({
    ...mariadbConnection(options.connectionString),
    connectionLimit: options.connections ?? 4,
    acquireTimeout: options.connectTimeoutMs ?? 10 * SECOND,
    charset: 'utf8mb4',
    initSql: [
      `set session max_statement_time = ${timeoutMs / SECOND}`,
      'set session transaction isolation level repeatable read',
      'set session transaction read only',
    ],
  });
}

function errorOf(error: unknown, timeoutMs: number): Error {
  return codeOf(error) === TIMED_OUT ? statementTimedOut(timeoutMs, error) : faultOf(error);
}
