import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mariadb';
import pg from 'pg';
import { inject } from 'vitest';
import type { DialectName } from '../../schema/catalogue.ts';
import { mariadbConnection } from '../../schema/mariadb-url.ts';
import { type Database, openDatabase } from '../../schema/store/database.ts';
import type { DatabaseLocation } from '../../schema/store/database-url.ts';
import { copyMigratedMariadb, migratedPostgres } from './template-databases.ts';

/** Set by the global set-up (mariadb-server.ts) where a server is at hand. */
const MARIADB_URL = process.env['TEST_MARIADB_URL'];

export type TestDialect = DialectName;
export const TEST_DIALECTS: readonly TestDialect[] = [
  'sqlite',
  'postgresql',
  ...(MARIADB_URL ? ['mariadb' as const] : []),
];

export interface TestDatabase {
  readonly location: DatabaseLocation;
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database of its own, with the tables of the store (`migrated`) or without any. */
export async function createTestDatabase(dialect: TestDialect, { migrated = true } = {}): Promise<TestDatabase> {
  if (dialect === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-'));
    const path = join(folder, 'test.db');
    const location: DatabaseLocation = { dialect, path };
    if (migrated) await migrate(location);
    return { location, url: `sqlite:${path}`, drop: async () => rmSync(folder, { recursive: true, force: true }) };
  }
  if (dialect === 'mariadb') return createMariadbDatabase(migrated);
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = migrated ? await migratedPostgres(inject('postgresUrl'), migratePostgres) : 'template1';
  await administer(`create database ${name} template ${template}`);
  const url = withDatabase(inject('postgresUrl'), name);
  return {
    location: { dialect, url },
    url,
    drop: () => administer(`drop database if exists ${name} with (force)`),
  };
}

async function createMariadbDatabase(migrated: boolean): Promise<TestDatabase> {
  const name = `${process.env['TEST_MARIADB_PREFIX']}${randomBytes(6).toString('hex')}`;
  await administerMariadb(async (connection) => {
    await connection.query(`create database ${name}`);
    if (migrated) await copyMigratedMariadb(connection, name, migrateMariadb);
  });
  const url = withDatabase(MARIADB_URL as string, name);
  return {
    location: { dialect: 'mariadb', url },
    url,
    drop: () => administerMariadb((connection) => connection.query(`drop database if exists ${name}`)),
  };
}

const migratePostgres = (name: string): Promise<void> =>
  migrate({ dialect: 'postgresql', url: withDatabase(inject('postgresUrl'), name) });

const migrateMariadb = (name: string): Promise<void> =>
  migrate({ dialect: 'mariadb', url: withDatabase(MARIADB_URL as string, name) });

async function migrate(location: DatabaseLocation): Promise<void> {
  const database: Database = await openDatabase(location);
  await database.migrate();
  await database.close();
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function administerMariadb(run: (connection: Connection) => Promise<unknown>): Promise<void> {
  const connection = await openMariadbClient(MARIADB_URL as string);
  try {
    await run(connection);
  } finally {
    await connection.end();
  }
}

/** A connection for what a test does to a database itself. */
export function openMariadbClient(url: string): Promise<Connection> {
  const { database, ...server } = mariadbConnection(url);
  return createConnection({ ...server, ...(database !== '' && { database }), charset: 'utf8mb4' });
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
