/** One read-only connection in a thread of its own. Messages: see `sqlite-reader.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { codeOf } from './database-errors.ts';
import type { ReaderReply, ReaderRequest, ReaderSettings } from './sqlite-reader-protocol.ts';

const MAX_PREPARED = 200;

const { path, timeoutMs } = workerData as ReaderSettings;
const prepared = new Map<string, Database.Statement>();
let database: Database.Database | undefined;

parentPort?.on('message', (request: ReaderRequest) => {
  parentPort?.postMessage(answer(request));
});
parentPort?.postMessage({ started: true });

function answer({ id, sql, parameters }: ReaderRequest): ReaderReply {
  try {
    database ??= new Database(path, { readonly: true, fileMustExist: true, timeout: timeoutMs });
    return { id, ...run(database, sql, parameters) };
  } catch (error) {
    return { id, error: { code: codeOf(error), message: String(error) } };
  }
}

function run(
  connection: Database.Database,
  sql: string,
  parameters: readonly unknown[],
): { rowCount: number; columns: unknown[][] } {
  const statement = prepare(connection, sql);
  if (!statement.reader) {
    statement.run();
    return { rowCount: 0, columns: [] };
  }
  // Rows as objects come faster than as arrays (better-sqlite3 13, measured).
  const rows = statement.all(...parameters) as Record<string, unknown>[];
  const names = Object.keys(rows[0] ?? {});
  return { rowCount: rows.length, columns: names.map((name) => rows.map((row) => row[name])) };
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
