import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { SECOND } from '../../core/domain/time.ts';
import type { Cells, CompiledSql, ExecuteSql, TakeRows } from '../query/query-runner.ts';
import { databaseUnavailable, faultOf, statementTimedOut } from './database-errors.ts';
import type { Reader, ReadRows } from './reader.ts';
import type {
  ReaderMessage,
  ReaderReply,
  ReaderRequest,
  ReaderSettings,
  ReaderSlice,
} from './sqlite-reader-protocol.ts';
import { OUT_OF_TIME } from '../statement-time.ts';
import { takeInTime } from './take-in-time.ts';

export interface SqliteReaderOptions {
  /** Database file, in WAL mode, so that reading neither blocks nor waits for the writer. */
  readonly path: string;
  /** Threads with one connection each, at most; a snapshot holds one. Default 2. */
  readonly connections?: number;
  /** Per statement, to its last row being taken. Default 30 s. */
  readonly statementTimeoutMs?: number;
}

/** How long a statement that is out of time has for ending itself, as those of the query engine do. */
const STOP_MS = 500;

/** Threads that were given up and whose statement still runs, each on a core; beyond them nothing is read. */
const MAX_GIVEN_UP = 2;

/**
 * Reads through connections of its own in worker threads: an analyst's GROUP BY then blocks nothing. A statement that is
 * out of time ends itself (`statement-time.ts`). One that does not is answered as failed and its thread given up for
 * another; the driver can't interrupt it, so that the old thread ends when the statement does. Where too many of them go
 * on, what is asked is refused. A thread costs
 * 13 MB: others than the first are started when one is waited for.
 */
export function createSqliteReader(options: SqliteReaderOptions): Reader {
  const settings = { path: options.path, timeoutMs: options.statementTimeoutMs ?? 30 * SECOND };
  const limit = options.connections ?? 2;
  const idle = [new Connection(settings)];
  const all = new Set(idle);
  const givenUp = new Set<Connection>();
  const waiting: PromiseWithResolvers<Connection>[] = [];
  const running = new Set<Promise<unknown>>();
  let closed = false;

  async function acquire(): Promise<Connection> {
    const connection = idle.pop();
    if (!connection) {
      if (all.size === limit) {
        const next = Promise.withResolvers<Connection>();
        waiting.push(next);
        return next.promise;
      }
      const another = new Connection(settings);
      all.add(another);
      return another;
    }
    try {
      return usable(connection);
    } catch (error) {
      idle.push(connection);
      throw error;
    }
  }

  function release(used: Connection): void {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        next.resolve(usable(used));
        return;
      } catch (error) {
        next.reject(error);
      }
    }
    idle.push(used);
  }

  /** The connection, or a new one in its place if its thread was given up; refused while too many of those go on. */
  function usable(connection: Connection): Connection {
    if (!connection.broken) return connection;
    givenUp.add(connection);
    for (const one of givenUp) if (one.ended) givenUp.delete(one);
    if (givenUp.size > MAX_GIVEN_UP) {
      throw databaseUnavailable(new Error(`${givenUp.size} statements that are out of time still run.`));
    }
    const replacement = new Connection(settings);
    all.delete(connection);
    all.add(replacement);
    return replacement;
  }

  async function hold<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await acquire();
    try {
      return await run(connection);
    } finally {
      release(connection);
    }
  }

  async function held<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    if (closed) throw databaseUnavailable(new Error('The reader is closed.'));
    const result = hold(run);
    running.add(result);
    try {
      return await result;
    } finally {
      running.delete(result);
    }
  }

  return {
    dialect: 'sqlite',
    execute: (statement, onRows) => held((connection) => connection.execute(statement, onRows)),
    snapshot: (run) =>
      held(async (connection) => {
        await connection.execute({ sql: 'begin deferred', parameters: [] });
        try {
          return await run(connection.execute, connection.rows);
        } finally {
          if (!connection.broken) await connection.execute({ sql: 'rollback', parameters: [] });
        }
      }),
    async close() {
      closed = true;
      await Promise.allSettled(running);
      const given = [...givenUp, ...[...all].filter(({ broken }) => broken)];
      await Promise.all([...all].filter(({ broken }) => !broken).map((connection) => connection.close()));
      // A thread that was given up ends when its statement does, which may be never.
      const until = performance.now() + STOP_MS;
      while (given.some(({ ended }) => !ended) && performance.now() < until) await after(10);
      return given.every(({ ended }) => ended);
    },
  };
}

interface Pending {
  readonly take: (slice: ReaderSlice) => Promise<void>;
  /** Ends the thread if the slice that was asked for does not come. */
  timer?: NodeJS.Timeout;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A worker with one connection; it runs one statement after the other. */
class Connection {
  broken = false;
  /** Its thread is gone. */
  ended = false;
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  readonly #started = Promise.withResolvers<void>();
  #nextId = 0;

  constructor(settings: ReaderSettings) {
    this.#timeoutMs = settings.timeoutMs;
    // Runs from the sources (type stripping) as well as from the compiled files.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./sqlite-reader-worker.${extension}`, import.meta.url), {
      workerData: settings,
      // Rows leave slice by slice: a young generation of the default size would only fill with garbage.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.unref();
    this.#started.promise.catch(() => {}); // told to who waits for it
    this.#worker.on('message', (message: ReaderMessage) => {
      if ('started' in message) this.#started.resolve();
      else void this.#settle(message);
    });
    this.#worker.on('error', (error) => this.#fail(databaseUnavailable(error)));
    this.#worker.on('exit', () => {
      this.ended = true;
      this.#fail(databaseUnavailable(new Error('The reading thread ended.')));
    });
  }

  readonly execute: ExecuteSql = (statement, onRows) => this.#run(statement, cellsOf, onRows);
  readonly rows: ReadRows = (statement) => this.#run(statement, namedRowsOf);

  async #run<R>(
    { sql, parameters }: CompiledSql,
    rowsOf: (slice: ReaderSlice) => R[],
    onRows?: TakeRows<R>,
  ): Promise<readonly R[]> {
    if (this.broken) throw databaseUnavailable(new Error('The reading thread ended.'));
    this.#worker.ref();
    await this.#started.promise;
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const rows: R[] = [];
    const keep: TakeRows<R> = (slice) => {
      for (const row of slice) rows.push(row);
    };
    const take = takeInTime(onRows ?? keep, this.#timeoutMs);
    const pending: Pending = { take: (slice) => take(rowsOf(slice)), resolve, reject };
    this.#pending.set(id, pending);
    this.#ask({ id, sql, parameters }, pending);
    try {
      await promise;
      return rows;
    } finally {
      clearTimeout(pending.timer);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#worker.unref();
    }
  }

  async close(): Promise<void> {
    this.broken = true;
    await this.#worker.terminate();
  }

  #ask(request: ReaderRequest, pending: Pending): void {
    const giveUpMs = this.#timeoutMs + STOP_MS;
    pending.timer = setTimeout(() => this.#fail(statementTimedOut(this.#timeoutMs)), giveUpMs);
    this.#worker.postMessage(request);
  }

  async #settle(reply: ReaderReply): Promise<void> {
    const { id } = reply;
    const pending = this.#pending.get(id);
    if (!pending) return;
    clearTimeout(pending.timer);
    if ('error' in reply) {
      const { code, message } = reply.error;
      const error = Object.assign(new Error(message), { code });
      pending.reject(code === OUT_OF_TIME ? statementTimedOut(this.#timeoutMs, error) : faultOf(error));
      return;
    }
    try {
      await pending.take(reply);
    } catch (error) {
      if (!reply.done) this.#worker.postMessage({ id, end: true } satisfies ReaderRequest);
      pending.reject(error as Error);
      return;
    }
    if (reply.done) {
      pending.resolve();
      return;
    }
    // Asked for at once, the next slice would still come in this turn of the event loop, and so would all of them.
    setImmediate(() => {
      if (this.#pending.has(id)) this.#ask({ id, next: true }, pending);
    });
  }

  /** Nothing that was asked of this thread will be answered. */
  #fail(error: Error): void {
    this.broken = true;
    this.#started.reject(error);
    for (const { reject } of this.#pending.values()) reject(error);
    void this.#worker.terminate();
  }
}

function cellsOf({ rowCount, columns }: ReaderSlice): Cells[] {
  return Array.from({ length: rowCount }, (_, row) => columns.map((column) => column[row]));
}

function namedRowsOf(slice: ReaderSlice): Record<string, unknown>[] {
  return cellsOf(slice).map((cells) => Object.fromEntries(slice.names.map((name, i) => [name, cells[i]])));
}
