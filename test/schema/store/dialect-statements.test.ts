import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../../core/domain/ids.ts';
import { type Codec, CODECS } from '../../../schema/store/codec.ts';
import { type Database, openDatabase } from '../../../schema/store/database.ts';
import { insertNew, insertOrMerge } from '../../../schema/store/dialect-statements.ts';
import type { Tables } from '../../../schema/store/tables.ts';
import { queryPatternRow, requestLogRow } from '../../../schema/store/effect-rows.ts';
import { observationOf, shapeOf } from '../../support/observations.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../../support/stores.ts';

describe.each(TEST_DIALECTS)('statements on %s', (dialect) => {
  const codec: Codec = CODECS[dialect];
  let given: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    given = await createTestDatabase(dialect);
    database = await openDatabase(given.location);
  });

  afterAll(async () => {
    await database.close();
    await given.drop();
  });

  afterEach(async () => {
    await database.kysely.deleteFrom('seen_keys').execute();
    await database.kysely.deleteFrom('traffic_metrics').execute();
  });

  const seen = (value: string, scope = 's') => ({ kind: 'shape', scope, value, first_seen_at: codec.instant(1_000) });
  const insertSeen = (...rows: ReturnType<typeof seen>[]) =>
    insertNew(database.kysely, 'seen_keys', rows, ['kind', 'scope', 'value']);

  it('insertNew inserts what is not there and says which rows those were', async () => {
    expect(await insertSeen(seen('a'), seen('b'))).toHaveLength(2);
    expect(await insertSeen(seen('a'), seen('c'), seen('b'), seen('d'))).toEqual([seen('c'), seen('d')]);
    expect(await insertSeen(seen('a'), seen('d'))).toEqual([]);
  });

  it('insertNew tells keys apart that differ in case, accents or a trailing space', async () => {
    const values = ['key', 'KEY', 'kéy', 'key ', 'ｋey', 'k\u0301ey'];
    expect(await insertSeen(...values.map((value) => seen(value)))).toHaveLength(values.length);
  });

  it('insertNew compares every column of the key', async () => {
    await insertSeen(seen('a', 'first'));
    expect(await insertSeen(seen('a', 'second'), seen('a', 'first'))).toEqual([seen('a', 'second')]);
  });

  it('insertNew gives each key to one of many that want it at the same time', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `key-${String(i).padStart(2, '0')}`);
    const inserted = await Promise.all(
      Array.from({ length: 6 }, () =>
        database.fork().transactional((em) =>
          insertNew(
            em.getKysely(),
            'seen_keys',
            keys.map((value) => seen(value)),
            ['kind', 'scope', 'value'],
          ),
        ),
      ),
    );
    expect(inserted.flat().map((row) => row.value)).toHaveLength(keys.length);
  });

  it('insertNew refuses what another key, a reference or a column does not allow, and changes nothing', async () => {
    const observation = observationOf({ shape: shapeOf('statements') });
    await insertNew(database.kysely, 'query_patterns', [queryPatternRow(observation, codec)], ['query_id']);
    const row = requestLogRow(
      { observation, hook: 'pre-response', verdict: 'allowed', ruleKey: null, analysis: null, lessons: [] },
      codec,
    );
    const insert = (changes: Partial<typeof row>) =>
      insertNew(database.kysely, 'request_log', [{ ...row, ...changes }], ['delivery_key']);
    expect(await insert({})).toHaveLength(1);
    expect(await insert({})).toEqual([]);
    await expect(insert({ delivery_key: 'other' }), 'primary key').rejects.toThrow();
    await expect(
      insert({ id: uuidv7(1), delivery_key: 'b', query_id: 'graphql:1:missing' }),
      'foreign key',
    ).rejects.toThrow();
    await expect(insert({ id: uuidv7(2), delivery_key: 'c', hook: null as never }), 'not null').rejects.toThrow();
    // SQLite does not limit the length of text.
    const long = insert({ id: uuidv7(3), delivery_key: 'd'.repeat(65) });
    if (dialect !== 'sqlite') await expect(long, 'length').rejects.toThrow();
    else expect(await long).toHaveLength(1);
  });

  it('insertNew leaves a transaction usable when a key was there', async () => {
    await insertSeen(seen('a'));
    await database.fork().transactional(async (em) => {
      const kysely = em.getKysely<Tables>();
      await insertNew(kysely, 'seen_keys', [seen('before')], ['kind', 'scope', 'value']);
      await insertNew(kysely, 'seen_keys', [seen('a')], ['kind', 'scope', 'value']);
      await insertNew(kysely, 'seen_keys', [seen('after')], ['kind', 'scope', 'value']);
    });
    const rows = await database.kysely.selectFrom('seen_keys').select('value').orderBy('value').execute();
    expect(rows.map((row) => row.value)).toEqual(['a', 'after', 'before']);
  });

  it('insertOrMerge adds and replaces what it is told to, and keeps the rest', async () => {
    const count = (queryId: string, requests: number, errors: number) => ({
      minute: codec.instant(60_000),
      source: 'graphql',
      role: 'support',
      query_id: queryId,
      rule_key: '',
      requests,
      records: 7,
      anomalies: requests,
      errors,
      enforced: 0,
      would_enforce: 0,
    });
    const merge = (...rows: ReturnType<typeof count>[]) =>
      insertOrMerge(database.kysely, 'traffic_metrics', rows, ['minute', 'source', 'role', 'query_id', 'rule_key'], {
        add: ['requests'],
        replace: ['errors'],
      });
    await merge(count('a', 1, 5));
    await merge(count('a', 2, 3), count('b', 10, 1));
    const rows = await database.kysely
      .selectFrom('traffic_metrics')
      .select(['query_id', 'requests', 'errors', 'anomalies'])
      .orderBy('query_id')
      .execute();
    expect(rows).toEqual([
      { query_id: 'a', requests: 3, errors: 3, anomalies: 1 },
      { query_id: 'b', requests: 10, errors: 1, anomalies: 10 },
    ]);
  });
});
