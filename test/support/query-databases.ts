import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createConnection } from 'mariadb';
import pg from 'pg';
import type { DialectName } from '../../schema/catalogue.ts';
import type { Tables } from '../../schema/query/query-engine.ts';
import type { QueryRunner } from '../../schema/query/query-runner.ts';
import { createMariadbReader } from '../../schema/readers/mariadb-reader.ts';
import { createPostgresReader } from '../../schema/readers/postgres-reader.ts';
import type { Reader } from '../../schema/readers/reader.ts';
import { createSqliteReader } from '../../schema/readers/sqlite-reader.ts';
import { COLUMN_TYPES, storedValue } from './fixture-columns.ts';
import { fixtureCatalogue } from './query-fixture.ts';

/** A database that holds the fixture, and how it is read. */
export interface FixtureDatabase {
  readonly runner: QueryRunner;
  close(): Promise<void>;
}

export async function openSqlite(
  tables: Tables,
  timeoutMs?: number,
): Promise<FixtureDatabase & { readonly runner: Reader; readonly path: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-query-'));
  const path = join(folder, 'fixture.sqlite');
  const writer = new Database(path);
  writer.pragma('journal_mode = WAL');
  for (const statement of statementsOf('sqlite', tables)) writer.prepare(statement.sql).run(...statement.values);
  writer.close();
  const runner = createSqliteReader({ path, ...(timeoutMs === undefined ? {} : { statementTimeoutMs: timeoutMs }) });
  return {
    runner,
    path,
    async close() {
      await runner.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A database of its own on the server, dropped again. */
export async function openPostgres(
  serverUrl: string,
  tables: Tables,
): Promise<FixtureDatabase & { readonly url: string }> {
  const name = `query_${process.pid}_${Math.floor(performance.now() * 1000)}`;
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).toString();
  const writer = new pg.Client({ connectionString: url });
  await writer.connect();
  for (const { sql, values } of statementsOf('postgresql', tables)) await writer.query(sql, values);
  await writer.query('analyze');
  await writer.end();
  const runner = createPostgresReader({ connectionString: url });
  return {
    runner,
    url,
    async close() {
      await runner.close();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

/** A database of its own on the server, dropped again. */
export async function openMariadb(
  serverUrl: string,
  tables: Tables,
): Promise<FixtureDatabase & { readonly url: string }> {
  const name = `query_${process.pid}_${Math.floor(performance.now() * 1000)}`;
  const { hostname: host, port, username: user, password } = new URL(serverUrl);
  const writer = await createConnection({ host, port: Number(port || 3306), user, password, charset: 'utf8mb4' });
  await writer.query(`create database ${name} character set utf8mb4 collate utf8mb4_nopad_bin`);
  await writer.query(`use ${name}`);
  for (const { sql, values } of statementsOf('mariadb', tables)) await writer.query(sql, values);
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).toString();
  const runner = await createMariadbReader({ connectionString: url });
  return {
    runner,
    url,
    async close() {
      await runner.close();
      await writer.query(`drop database ${name}`);
      await writer.end();
    },
  };
}

export interface Statement {
  readonly sql: string;
  readonly values: unknown[];
}

/** Tables and rows of the fixture. */
export function statementsOf(dialect: DialectName, tables: Tables): Statement[] {
  const quote = dialect === 'mariadb' ? '`' : '"';
  const backed = [...fixtureCatalogue.collections.values()].filter(({ backing }) => backing.type === 'table');
  return backed.flatMap(({ name, columns, primaryKey }) => {
    const defined = columns.map((column) => {
      const type = COLUMN_TYPES[dialect][column.kind];
      return `${quote}${column.name}${quote} ${type}${column.nullable ? '' : ' not null'}`;
    });
    const suffix = dialect === 'mariadb' ? ' character set utf8mb4 collate utf8mb4_nopad_bin' : '';
    const create = `create table ${name} (${defined.join(', ')}, primary key (${primaryKey.join(', ')}))${suffix}`;
    const marks = columns.map((_, i) => (dialect === 'postgresql' ? `$${i + 1}` : '?')).join(', ');
    const inserts = (tables.get(name) ?? []).map((row) => ({
      sql: `insert into ${name} values (${marks})`,
      values: columns.map((column) => storedValue(dialect, column.kind, row[column.name])),
    }));
    return [{ sql: create, values: [] }, ...inserts];
  });
}
