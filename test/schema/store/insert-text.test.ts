import { type Kysely, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../schema/store/database.ts';
import { runInsert } from '../../../schema/store/insert-text.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../../support/stores.ts';

interface Pair {
  readonly a?: string | undefined;
  readonly b?: string | null | undefined;
}

describe.each(TEST_DIALECTS)('inserts by a kept text on %s', (dialect) => {
  let given: TestDatabase;
  let database: Database;
  let pairs: Kysely<{ pairs: Pair }>;
  let built: number;

  beforeAll(async () => {
    given = await createTestDatabase(dialect);
    database = await openDatabase(given.location);
    pairs = database.kysely as unknown as typeof pairs;
    await sql`create table pairs (a varchar(9), b varchar(9))`.execute(pairs);
  });

  afterEach(async () => {
    await pairs.deleteFrom('pairs').execute();
  });

  afterAll(async () => {
    await database.close();
    await given.drop();
  });

  /** Each test has a statement of its own, hence a text of its own. */
  const insert = async (statement: string, ...rows: Pair[]): Promise<void> => {
    await runInsert(pairs as never, statement, rows as never, () => {
      built += 1;
      return pairs.insertInto('pairs').values(rows);
    });
  };

  const stored = async () => pairs.selectFrom('pairs').select(['a', 'b']).orderBy('a').execute();

  it('build a statement once for rows of one form', async () => {
    built = 0;
    await insert('once', { a: '1', b: 'x' }, { a: '2', b: null });
    await insert('once', { a: '3', b: null }, { a: '4', b: 'y' });
    expect(built).toBe(1);
    expect(await stored()).toEqual([
      { a: '1', b: 'x' },
      { a: '2', b: null },
      { a: '3', b: null },
      { a: '4', b: 'y' },
    ]);
  });

  it('keep values in their columns when a later row names them in another order', async () => {
    await insert('order', { a: '1', b: 'x' }, { a: '2', b: 'y' });
    await insert('order', { a: '3', b: 'z' }, { b: 'w', a: '4' });
    await insert('order', { b: 'v', a: '5' }, { b: 'u', a: '6' });
    expect(await stored()).toEqual(['x', 'y', 'z', 'w', 'v', 'u'].map((b, i) => ({ a: `${i + 1}`, b })));
  });

  it.each([
    ['has no value for a column', { a: '3' }],
    ['has an undefined one', { a: '3', b: undefined }],
  ])('leave a column empty where a later row %s', async (name, row) => {
    await insert(name, { a: '1', b: 'x' }, { a: '2', b: 'y' });
    await insert(name, { a: '4', b: 'z' }, row);
    expect(await stored()).toMatchObject([{ a: '1' }, { a: '2' }, { a: '3', b: null }, { a: '4', b: 'z' }]);
  });
});
