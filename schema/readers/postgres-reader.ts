import pg from 'pg';
import Cursor from 'pg-cursor';
import { SECOND } from '../../core/domain/time.ts';
import type { Cells, CompiledSql, ExecuteSql, TakeRows } from '../query/query-runner.ts';
import { codeOf, databaseUnavailable, faultOf, statementTimedOut } from './database-errors.ts';
import type { Reader, ReadRows } from './reader.ts';
import { SLICE_ROWS, takeInTime } from './take-in-time.ts';

export interface PostgresReaderOptions {
  readonly connectionString: string;
  /** Default 4. */
  readonly connections?: number;
  /** Per statement, to its last row being taken. Default 30 s. */
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
  // So would one that breaks while it is held; the statement it runs, or the next one, fails.
  pool.on('connect', (client) => client.on('error', () => {}));

  async function readAll(on: pg.Pool | pg.PoolClient, { sql, parameters }: CompiledSql): Promise<readonly Cells[]> {
    try {
      const { rows } = await on.query<unknown[]>({ text: sql, values: [...parameters], rowMode: 'array' });
      return rows;
    } catch (error) {
      throw errorOf(error, timeoutMs);
    }
  }

  const executeOn =
    (client: pg.PoolClient): ExecuteSql =>
    async (statement, onRows) => {
      if (!onRows) return readAll(client, statement);
      await readSlices(client, statement, onRows, timeoutMs);
      return [];
    };

  const rowsOn =
    (client: pg.PoolClient): ReadRows =>
    async ({ sql, parameters }) => {
      try {
        return (await client.query<Record<string, unknown>>({ text: sql, values: [...parameters] })).rows;
      } catch (error) {
        throw errorOf(error, timeoutMs);
      }
    };

  async function held<T>(run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw databaseUnavailable(error);
    });
    let failed: Error | undefined;
    try {
      return await run(client);
    } catch (error) {
      failed = error as Error;
      throw error;
    } finally {
      // A connection that broke, or is in the middle of a transaction or of rows, is not given back.
      client.release(failed);
    }
  }

  return {
    dialect: 'postgresql',
    async execute(statement, onRows) {
      return onRows ? held((client) => executeOn(client)(statement, onRows)) : readAll(pool, statement);
    },
    snapshot: (run) =>
      held(async (client) => {
        const execute = executeOn(client);
        await execute({ sql: 'begin isolation level repeatable read read only', parameters: [] });
        const result = await run(execute, rowsOn(client));
        await execute({ sql: 'commit', parameters: [] });
        return result;
      }),
    async close() {
      await pool.end();
      return true;
    },
  };
}

/** Hands the rows of a statement over; the server makes the next slice when it is asked for it. */
async function readSlices(
  client: pg.PoolClient,
  { sql, parameters }: CompiledSql,
  onRows: TakeRows<Cells>,
  timeoutMs: number,
): Promise<void> {
  const take = takeInTime(onRows, timeoutMs);
  const cursor = client.query(new Cursor<unknown[]>(sql, [...parameters], { rowMode: 'array' }));
  try {
    let rows: readonly Cells[];
    do {
      rows = await cursor.read(SLICE_ROWS).catch((error: unknown) => {
        throw errorOf(error, timeoutMs);
      });
      await take(rows);
    } while (rows.length === SLICE_ROWS);
  } catch (error) {
    // Not waited for, as on a broken connection it never settles: the connection is not given back.
    void cursor.close();
    throw error;
  }
}

function errorOf(error: unknown, timeoutMs: number): Error {
  return codeOf(error) === QUERY_CANCELED ? statementTimedOut(timeoutMs, error) : faultOf(error);
}
