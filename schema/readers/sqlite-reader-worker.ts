/** One read-only connection in a thread of its own. Messages: see `sqlite-reader.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { codeOf } from './database-errors.ts';
import { registerFunctions } from '../sqlite-functions.ts';
import { StatementTime } from '../statement-time.ts';
import { SLICE_ROWS } from './take-in-time.ts';
import type { ReaderReply, ReaderRequest, ReaderSettings, ReaderSlice } from './sqlite-reader-protocol.ts';

const MAX_PREPARED = 200;
/** better-sqlite3's default is 16 MB; what is not here the system's cache has. */
const CACHE_KB = 4_000;

const { path, timeoutMs } = workerData as ReaderSettings;
const prepared = new Map<string, Database.Statement>();
/** Statements whose rows are not all fetched, by request. */
const running = new Map<number, Iterator<unknown>>();
let database: Database.Database | undefined;
const time = new StatementTime();

parentPort?.on('message', (request: ReaderRequest) => {
  if ('end' in request) end(request.id);
  else parentPort?.postMessage(answer(request));
});
parentPort?.postMessage({ started: true });

function answer(request: Exclude<ReaderRequest, { end: true }>): ReaderReply {
  const { id } = request;
  try {
    if (!('next' in request)) {
      database ??= open();
      running.set(id, start(prepare(database, request.sql), request.parameters));
    }
    time.limit(timeoutMs);
    return nextSlice(id);
  } catch (error) {
    running.delete(id);
    return { id, error: { code: codeOf(error), message: String(error) } };
  }
}

function open(): Database.Database {
  const opened = new Database(path, { readonly: true, fileMustExist: true, timeout: timeoutMs });
  opened.pragma(`cache_size = -${CACHE_KB}`);
  registerFunctions(opened, time);
  return opened;
}

/** While a statement has rows left the connection takes no other. */
function end(id: number): void {
  running.get(id)?.return?.();
  running.delete(id);
}

/** Rows as objects come faster than as arrays (better-sqlite3 13, measured). */
function start(statement: Database.Statement, parameters: readonly unknown[]): Iterator<unknown> {
  if (statement.reader) return statement.iterate(...parameters);
  statement.run();
  return [].values();
}

function nextSlice(id: number): ReaderSlice {
  const cursor = running.get(id);
  const rows: Record<string, unknown>[] = [];
  let next = cursor?.next();
  for (; next && !next.done; next = cursor?.next()) {
    if (rows.push(next.value as Record<string, unknown>) === SLICE_ROWS) break;
  }
  const done = next?.done !== false;
  if (done) running.delete(id);
  const names = Object.keys(rows[0] ?? {});
  return { id, rowCount: rows.length, names, columns: names.map((name) => rows.map((row) => row[name])), done };
}

function prepare(connection: Database.Database, sql: string): Database.Statement {
  const known = prepared.get(sql);
  if (known) {
    prepared.delete(sql);
    prepared.set(sql, known);
    return known;
  }
  const statement = connection.prepare(sql);
  prepared.set(sql, statement);
  const [oldest] = prepared.keys();
  if (prepared.size > MAX_PREPARED && oldest !== undefined) prepared.delete(oldest);
  return statement;
}
