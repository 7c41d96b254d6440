import Database from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Transaction } from '../../core/services/ports/store.ts';
import type { Catalogue, ColumnDef, DialectName } from '../../schema/catalogue.ts';
import { type ExecuteSql, type QueryRunner, runnerInside } from '../../schema/query/query-runner.ts';
import { registerFunctions } from '../../schema/sqlite-functions.ts';
import { StatementTime } from '../../schema/statement-time.ts';
import { COLUMN_TYPES, storedValue } from './fixture-columns.ts';
import { type FixtureTransaction, ROWS } from './ndc-fixture.ts';

/** A database with the fixture's tables and rows, and the ways a connector uses it. */
export interface NdcDatabase {
  readonly runner: QueryRunner;
  snapshot<T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T>;
  transaction<T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One connection: statements with `?` placeholders, answered as cells by position. */
export interface Connection {
  execute(sql: string, parameters: readonly unknown[]): Promise<readonly (readonly unknown[])[]>;
  run(sql: string, parameters: readonly unknown[]): Promise<void>;
}

export async function openSqlite(catalogue: Catalogue): Promise<NdcDatabase> {
  const database = new Database(':memory:');
  registerFunctions(database, new StatementTime());
  const connection: Connection = {
    execute: async (sql, parameters) =>
      database
        .prepare(sql)
        .raw(true)
        .all(...parameters) as unknown[][],
    run: async (sql, parameters) => {
      database.prepare(sql).run(...parameters);
    },
  };
  await fill(connection, 'sqlite', catalogue);
  // One connection: transactions stand in a queue.
  let last: Promise<unknown> = Promise.resolve();
  const exclusively = <T>(run: () => Promise<T>): Promise<T> => {
    const next = last.then(run);
    last = next.catch(() => {});
    return next;
  };
  const within = <T>(begin: string, run: () => Promise<T>): Promise<T> =>
    exclusively(async () => inTransaction((sql) => connection.run(sql, []), begin, run));
  const execute: ExecuteSql = async ({ sql, parameters }) => connection.execute(sql, parameters);
  const tx = transactionOf(connection, 'sqlite', catalogue);
  return {
    runner: {
      dialect: 'sqlite',
      execute: (statement) => exclusively(() => execute(statement)),
      snapshot: (run) => within('begin', () => run(execute)),
    },
    snapshot: (run) => within('begin', () => run(tx, runnerInside('sqlite', execute))),
    transaction: (run) => within('begin immediate', () => run(tx, runnerInside('sqlite', execute))),
    close: async () => {
      database.close();
    },
  };
}

const SNAPSHOT = 'begin isolation level repeatable read read only';

export async function openPostgres(catalogue: Catalogue, serverUrl: string): Promise<NdcDatabase> {
  const name = `ndc_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client(serverUrl);
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 4 });
  await fill(connectionOf(pool), 'postgresql', catalogue);

  const inside = (client: pg.PoolClient): [Transaction, QueryRunner] => [
    transactionOf(connectionOf(client), 'postgresql', catalogue),
    runnerInside('postgresql', executeOn(client)),
  ];
  const withClient = async <T>(begin: string, run: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      return await inTransaction(
        (sql) => client.query(sql),
        begin,
        () => run(client),
      );
    } finally {
      client.release();
    }
  };
  return {
    runner: {
      dialect: 'postgresql',
      execute: executeOn(pool),
      snapshot: (run) => withClient(SNAPSHOT, (client) => run(executeOn(client))),
    },
    snapshot: (run) => withClient(SNAPSHOT, (client) => run(...inside(client))),
    transaction: (run) => withClient('begin', (client) => run(...inside(client))),
    close: async () => {
      await pool.end();
      await admin.query(`drop database ${name}`);
      await admin.end();
    },
  };
}

type Queryable = Pick<pg.Pool | pg.PoolClient, 'query'>;

function executeOn(client: Queryable): ExecuteSql {
  return async ({ sql, parameters }) => {
    const { rows } = await client.query({ text: sql, values: [...parameters], rowMode: 'array' });
    return rows as unknown[][];
  };
}

function connectionOf(client: Queryable): Connection {
  const execute = executeOn(client);
  const numbered = (sql: string): string => {
    let index = 0;
    return sql.replaceAll('?', () => `$${++index}`);
  };
  return {
    execute: async (sql, parameters) => execute({ sql: numbered(sql), parameters }),
    run: async (sql, parameters) => {
      await execute({ sql: numbered(sql), parameters });
    },
  };
}

export function transactionOf(connection: Connection, dialect: DialectName, catalogue: Catalogue): Transaction {
  const transaction: FixtureTransaction = {
    run: (sql, parameters) => connection.run(sql, parameters),
    row: async (name, id) => {
      const columns = catalogue.collections.get(name)?.columns ?? [];
      const names = columns.map(({ name, kind }) => SELECTED[dialect][kind]?.(name) ?? name).join(', ');
      const [cells] = await connection.execute(`select ${names} from ${name} where id = ?`, [id]);
      if (!cells) return undefined;
      return Object.fromEntries(columns.map((column, index) => [column.name, wire(column, cells[index], dialect)]));
    },
  };
  // The fixture's verbs know what they are given; the ports of the real store are not involved.
  return transaction as unknown as Transaction;
}

/** How a cell is read that a driver would not give as it is. */
const SELECTED: Record<DialectName, Partial<Record<ColumnDef['kind'], (name: string) => string>>> = {
  sqlite: { int64: (name) => `cast(${name} as text)` },
  postgresql: {
    int64: (name) => `cast(${name} as text)`,
    timestamp: (name) => `cast(extract(epoch from ${name}) * 1000 as double precision)`,
  },
  mariadb: {
    int64: (name) => `cast(${name} as char)`,
    // The readers' driver would parse it.
    json: (name) => `cast(${name} as char)`,
    timestamp: (name) => `concat(left(date_format(${name}, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')`,
  },
};

function wire({ kind }: ColumnDef, cell: unknown, dialect: DialectName): unknown {
  if (cell === null) return null;
  if (kind === 'boolean') return Boolean(cell);
  if (kind === 'timestamp') return new Date(cell as number | string).toISOString();
  if (kind === 'json' && dialect !== 'postgresql') return JSON.parse(cell as string) as unknown;
  return cell;
}

export async function fill(connection: Connection, dialect: DialectName, catalogue: Catalogue): Promise<void> {
  for (const { name, columns } of catalogue.collections.values()) {
    const definitions = columns.map(
      (column) => `${column.name} ${COLUMN_TYPES[dialect][column.kind]}${column.nullable ? '' : ' not null'}`,
    );
    await connection.run(`create table ${name} (${definitions.join(', ')}, primary key (id))`, []);
    for (const row of ROWS[name] ?? []) {
      const values = columns.map((column) => storedValue(dialect, column.kind, row[column.name]));
      await connection.run(`insert into ${name} values (${columns.map(() => '?').join(', ')})`, values);
    }
  }
}

export async function inTransaction<T>(
  control: (sql: string) => Promise<unknown>,
  begin: string,
  run: () => Promise<T>,
): Promise<T> {
  await control(begin);
  try {
    const result = await run();
    await control('commit');
    return result;
  } catch (error) {
    await control('rollback');
    throw error;
  }
}
