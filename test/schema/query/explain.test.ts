import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import { explainQuery } from '../../../schema/query/run-query.ts';
import { columns, compare, request } from '../../support/query-builders.ts';
import { openMariadb, openPostgres, openSqlite } from '../../support/query-databases.ts';
import type { FixtureDatabase } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureTables } from '../../support/query-fixture.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** Set by the global set-up (mariadb-server.ts) where a server is at hand. */
const MARIADB_URL = process.env['TEST_MARIADB_URL'];

const engine = createQueryEngine(fixtureCatalogue);
const tables = fixtureTables(seededRandom(1));
const DATABASES: Record<string, () => Promise<FixtureDatabase>> = {
  SQLite: () => openSqlite(tables),
  PostgreSQL: () => openPostgres(inject('postgresUrl'), tables),
  ...(MARIADB_URL && { MariaDB: () => openMariadb(MARIADB_URL, tables) }),
};

const query = {
  fields: new Map([
    ...columns('title'),
    [
      'tracks',
      { kind: 'relationship', relationship: 'tracks', query: { fields: columns('title'), limit: 3 } },
    ] as const,
  ]),
  predicate: compare('title', '_eq', 'a secret'),
  aggregates: new Map([['n', { kind: 'star-count' }]] as const),
};

describe.each(Object.keys(DATABASES))('an explanation on %s', (name) => {
  let database: FixtureDatabase;

  beforeAll(async () => {
    database = await (DATABASES[name] as () => Promise<FixtureDatabase>)();
  });
  afterAll(() => database?.close());

  it('has every statement with parameters described and the plan of the database', async () => {
    const statements = await explainQuery(engine, database.runner, request('albums', query));
    expect(statements.map(({ part }) => part)).toEqual(['rows', 'aggregates', 'rows.tracks.rows']);
    for (const { sql, plan } of statements) {
      expect(sql).toMatch(/^select /);
      expect(plan).toMatch(/scan|search|^1 (simple|primary) /i);
    }
    expect(statements[0]?.parameters).toEqual(['text of 8 characters']);
    expect(JSON.stringify(statements.map(({ sql, parameters }) => ({ sql, parameters })))).not.toContain('a secret');
  });

  // PostgreSQL scans tables as small as these.
  it.runIf(name === 'SQLite')('finds children by their key, not by a scan', async () => {
    const [, , tracks] = await explainQuery(engine, database.runner, request('albums', query));
    expect(tracks?.plan).toMatch(/search tracks using index/i);
  });

  it('asks the database nothing for no variable set', async () => {
    const statements = await explainQuery(engine, database.runner, request('albums', query, []));
    expect(statements).toHaveLength(3);
    expect(statements.every(({ plan }) => plan === undefined)).toBe(true);
  });
});
