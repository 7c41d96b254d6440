import { closeSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { CompiledQuery, type DatabaseConnection, type Driver, SqliteDialect, type SqliteStatement } from 'kysely';
import { LRUCache } from 'lru-cache';
import { registerFunctions } from '../sqlite-functions.ts';
import type { StatementTime } from '../statement-time.ts';

/** Statements kept prepared; the writer uses a few dozen texts again and again. */
const PREPARED_STATEMENTS = 200;

const PRAGMAS = [
  // A commit survives SIGKILL under WAL with synchronous=normal; only a power cut can take the last ones.
  'journal_mode = wal',
  'synchronous = normal',
  // In pages of 4 kB. The service checkpoints from a thread every second (checkpointer.ts); this is for when it can't.
  'wal_autocheckpoint = 20000',
  'foreign_keys = on',
  // In kB. better-sqlite3's default is 16 MB for each connection; what is not here the system's cache has.
  'cache_size = -4000',
  // Waiting is ours (see below).
  'busy_timeout = 0',
];

/** How long a statement waits for another process that writes, and how often it looks. */
const LOCK_WAIT_MS = 5_000;
const LOCK_POLL_MS = 10;

/**
 * Kysely over better-sqlite3 that prepares each statement text once: preparing was a tenth of the cost of a write; and
 * that waits for another process's lock without stopping this one: SQLite's own waiting sleeps in the event loop's
 * thread, and for five seconds no hook would be answered.
 */
export function createSqliteDialect(path: string, time: StatementTime): SqliteDialect {
  if (path !== ':memory:') createPrivately(path);
  const database = new Sqlite(path);
  for (const pragma of PRAGMAS) database.pragma(pragma);
  registerFunctions(database, time);
  const prepared = new LRUCache<string, SqliteStatement>({ max: PREPARED_STATEMENTS });
  const dialect = new SqliteDialect({
    database: {
      prepare(sql) {
        let statement = prepared.get(sql);
        if (!statement) {
          statement = database.prepare(sql);
          prepared.set(sql, statement);
        }
        return statement;
      },
      close: () => database.close(),
    },
  });
  const createDriver = dialect.createDriver.bind(dialect);
  dialect.createDriver = () => patientDriver(createDriver());
  return dialect;
}

function patientDriver(driver: Driver): Driver {
  const acquire = driver.acquireConnection.bind(driver);
  driver.acquireConnection = async (options) => patientConnection(await acquire(options));
  // Takes the write lock when a transaction begins, so that nothing inside it meets another's.
  driver.beginTransaction = async (connection) => {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  };
  return driver;
}

/** A statement that meets a lock has done nothing, and is tried again until its time is up. */
function patientConnection(connection: DatabaseConnection): DatabaseConnection {
  return {
    async executeQuery(...query) {
      for (const until = performance.now() + LOCK_WAIT_MS; ;) {
        try {
          return await connection.executeQuery(...query);
        } catch (error) {
          if (!isBusy(error) || performance.now() > until) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
      }
    },
    streamQuery: (...query) => connection.streamQuery(...query),
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** The store holds what people did: a new file is its owner's alone. SQLite gives its log the same mode. */
function createPrivately(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}
