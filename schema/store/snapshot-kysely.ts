import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { DialectName } from '../catalogue.ts';
import type { ReadRows } from '../readers/reader.ts';
import type { Tables } from './tables.ts';

type Words = Omit<Dialect, 'createDriver'>;

const WORDS: Readonly<Record<DialectName, Words>> = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgresql: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
  mariadb: {
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  },
};

/** The store's tables as one snapshot of a reader has them: its statements have the reader's time, and none can write. */
export function snapshotKysely(dialect: DialectName, rows: ReadRows): Kysely<Tables> {
  return new Kysely({ dialect: { ...WORDS[dialect], createDriver: () => new SnapshotDriver(rows) } });
}

/** A connection that somebody else opened, and whose transaction is theirs. */
class SnapshotDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(rows: ReadRows) {
    this.#connection = {
      executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => ({
        rows: [...(await rows({ sql, parameters }))] as R[],
      }),
      streamQuery: () => {
        throw new Error('A snapshot is read statement by statement.');
      },
    };
  }

  acquireConnection = async (): Promise<DatabaseConnection> => this.#connection;
  beginTransaction = refuse;
  commitTransaction = refuse;
  rollbackTransaction = refuse;
  init = nothing;
  releaseConnection = nothing;
  destroy = nothing;
}

async function nothing(): Promise<void> {}

async function refuse(): Promise<void> {
  throw new Error('A snapshot is one transaction already.');
}
