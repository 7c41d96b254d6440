import type { Pool, PoolConnection } from 'mariadb';
import { unsupported } from '../../core/domain/errors.ts';
import { SECOND } from '../../core/domain/time.ts';
import { mariadbConnection } from '../mariadb-url.ts';
import type { Cells, CompiledSql, ExecuteSql, TakeRows } from '../query/query-runner.ts';
import { codeOf, databaseUnavailable, faultOf, statementTimedOut } from './database-errors.ts';
import type { Reader, ReadRows } from './reader.ts';
import { SLICE_ROWS, takeInTime } from './take-in-time.ts';

export interface MariadbReaderOptions {
  /** `mariadb://user:password@host:port/database`, see mariadb-url.ts. */
  readonly connectionString: string;
  /** Default 4. */
  readonly connections?: number;
  /** Per statement, to its last row being taken. Default 30 s. */
  readonly statementTimeoutMs?: number;
  /** For a connection to be there, new or from the pool. Default 10 s. */
  readonly connectTimeoutMs?: number;
}

const TIMED_OUT = 'ER_STATEMENT_TIMEOUT';
const AS_ARRAYS = { rowsAsArray: true, checkNumberRange: false };
/** What the store's connection gives: times and documents as text, integers as numbers. */
const AS_STORED = { dateStrings: true, autoJsonMap: false, supportBigNumbers: true };

/** Reads through a pool of its own whose sessions can't write. The driver is an optional package. */
export async function createMariadbReader(options: MariadbReaderOptions): Promise<Reader> {
  const timeoutMs = options.statementTimeoutMs ?? 30 * SECOND;
  const pool = await openPool(options, timeoutMs);

  async function readAll(on: Pool | PoolConnection, { sql, parameters }: CompiledSql): Promise<readonly Cells[]> {
    try {
      const rows: unknown = await on.query({ ...AS_ARRAYS, sql }, [...parameters]);
      return Array.isArray(rows) ? (rows as Cells[]) : [];
    } catch (error) {
      throw errorOf(error, timeoutMs);
    }
  }

  const executeOn =
    (connection: PoolConnection): ExecuteSql =>
    async (statement, onRows) => {
      if (!onRows) return readAll(connection, statement);
      await readSlices(connection, statement, onRows, timeoutMs);
      return [];
    };

  const rowsOn =
    (connection: PoolConnection): ReadRows =>
    async ({ sql, parameters }) => {
      try {
        return await connection.query<Record<string, unknown>[]>({ ...AS_STORED, sql }, [...parameters]);
      } catch (error) {
        throw errorOf(error, timeoutMs);
      }
    };

  async function held<T>(run: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await pool.getConnection().catch((error: unknown) => {
      throw databaseUnavailable(error);
    });
    try {
      return await run(connection);
    } finally {
      // Rolls back what is open.
      await connection.release();
    }
  }

  return {
    dialect: 'mariadb',
    async execute(statement, onRows) {
      return onRows ? held((connection) => executeOn(connection)(statement, onRows)) : readAll(pool, statement);
    },
    snapshot: (run) =>
      held(async (connection) => {
        const execute = executeOn(connection);
        await execute({ sql: 'start transaction with consistent snapshot, read only', parameters: [] });
        const result = await run(execute, rowsOn(connection));
        await execute({ sql: 'commit', parameters: [] });
        return result;
      }),
    async close() {
      await pool.end();
      return true;
    },
  };
}

/**
 * Hands the rows of a statement over; the socket is not read while a slice is being taken. By events, as an iterator
 * over rows costs more than twice their CPU (measured). Rows that nobody wants any more are still read to their end,
 * which the statement's time bounds: the driver's `destroy` would end them, but where the server has ended the
 * connection already it leaves a rejection that nobody can handle, which ends the process (mariadb 3.5.4).
 */
async function readSlices(
  connection: PoolConnection,
  { sql, parameters }: CompiledSql,
  onRows: TakeRows<Cells>,
  timeoutMs: number,
): Promise<void> {
  const take = takeInTime(onRows, timeoutMs);
  const stream = connection.queryStream({ ...AS_ARRAYS, sql }, [...parameters]);
  let slice: Cells[] = [];
  let failure: Error | undefined;
  const handOver = async (): Promise<void> => {
    const rows = slice;
    slice = [];
    await take(rows).catch((error: unknown) => (failure = error as Error));
  };
  stream.on('data', (cells: Cells) => {
    if (failure || slice.push(cells) < SLICE_ROWS) return;
    stream.pause();
    // Resumed at once, the socket would go on in this turn of the event loop for as long as it has data.
    void handOver().then(() => setImmediate(() => stream.resume()));
  });
  stream.on('error', (error) => (failure ??= errorOf(error, timeoutMs)));
  await new Promise((resolve) => stream.once('end', resolve).once('error', resolve));
  if (!failure) await handOver();
  if (failure) throw failure;
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
