import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../schema/store/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stores.ts';

describe('a write to SQLite while another process writes', () => {
  let file: TestDatabase;
  let database: Database;
  let other: Sqlite.Database;
  beforeEach(async () => {
    file = await createTestDatabase('sqlite');
    database = await openDatabase(file.location);
    other = new Sqlite(file.url.replace('sqlite:', ''));
  });
  afterEach(async () => {
    other.close();
    await database.close();
    await file.drop();
  });

  const create = sql`create table written (id integer)`;
  const isWritten = () => other.prepare("select 1 from sqlite_master where name = 'written'").get() !== undefined;

  it.each([
    ['in a transaction', () => database.kysely.transaction().execute((tx) => create.execute(tx))],
    ['outside of one', () => create.execute(database.kysely)],
  ])('waits, %s, and lets everything else run meanwhile', async (_, write) => {
    other.exec('begin immediate');
    const writing = write();
    const startedAt = performance.now();
    let longestPause = 0;
    for (let last = startedAt; performance.now() - startedAt < 300; last = performance.now()) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      longestPause = Math.max(longestPause, performance.now() - last);
    }
    // SQLite's own waiting would have been one pause of seconds.
    expect(longestPause).toBeLessThan(250);
    expect(isWritten()).toBe(false);
    other.exec('rollback');
    await writing;
    expect(isWritten()).toBe(true);
  });

  it('comes to nothing where it has an error of its own', async () => {
    const failing = database.kysely.transaction().execute(async (tx) => {
      await create.execute(tx);
      await create.execute(tx);
    });
    await expect(failing).rejects.toThrow('already exists');
    expect(isWritten()).toBe(false);
    await create.execute(database.kysely);
    expect(isWritten()).toBe(true);
  });
});
