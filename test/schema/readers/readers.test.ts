import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createConnection } from 'mariadb';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createKyselyRunner } from '../../../schema/query/kysely-runner.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import type { Cells, CompiledSql, QueryRunner, TakeRows } from '../../../schema/query/query-runner.ts';
import { runQuery } from '../../../schema/query/run-query.ts';
import { createMariadbReader } from '../../../schema/readers/mariadb-reader.ts';
import { createPostgresReader } from '../../../schema/readers/postgres-reader.ts';
import type { Reader } from '../../../schema/readers/reader.ts';
import { createSqliteReader } from '../../../schema/readers/sqlite-reader.ts';
import { columns, request } from '../../support/query-builders.ts';
import { openMariadb, openPostgres, openSqlite } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureTables } from '../../support/query-fixture.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const tables = fixtureTables(seededRandom(2));
const sql = (text: string) => ({ sql: text, parameters: [] });

interface Opened {
  readonly runner: QueryRunner;
  /** Another reader of the same database. */
  open(options: { readonly connections: number; readonly statementTimeoutMs: number }): Promise<Reader>;
  /** Writes behind the reader's back. */
  write(text: string): Promise<unknown>;
  close(): Promise<void>;
}

const mariadbUrl = process.env['TEST_MARIADB_URL'];

const DATABASES: Record<string, () => Promise<Opened>> = {
  async SQLite() {
    const { runner, path, close } = await openSqlite(tables);
    const writer = new Database(path);
    return {
      runner,
      open: async (options) => createSqliteReader({ path, ...options }),
      write: async (text) => writer.exec(text),
      close: async () => {
        writer.close();
        await close();
      },
    };
  },
  async PostgreSQL() {
    const { runner, url, close } = await openPostgres(inject('postgresUrl'), tables);
    const writer = new pg.Client({ connectionString: url });
    await writer.connect();
    return {
      runner,
      open: async (options) => createPostgresReader({ connectionString: url, ...options }),
      write: (text) => writer.query(text),
      close: async () => {
        await writer.end();
        await close();
      },
    };
  },
};

if (mariadbUrl) {
  DATABASES['MariaDB'] = async () => {
    const { runner, url, close } = await openMariadb(mariadbUrl, tables);
    const { hostname: host, port, username: user, password, pathname } = new URL(url);
    const writer = await createConnection({ host, port: Number(port), user, password, database: pathname.slice(1) });
    return {
      runner,
      open: (options) => createMariadbReader({ connectionString: url, ...options }),
      write: (text) => writer.query(text),
      close: async () => {
        await writer.end();
        await close();
      },
    };
  };
}

/** The numbers from 1. */
const NUMBERS: Record<string, (count: number) => CompiledSql> = {
  SQLite: (count) =>
    sql(`with recursive n(i) as (select 1 union all select i + 1 from n) select i from n limit ${count}`),
  PostgreSQL: (count) => sql(`select i from generate_series(1, ${count}) as i`),
  MariaDB: (count) => sql(`select seq from seq_1_to_100000 limit ${count}`),
};

/** The same until an overflow. */
const OVERFLOWING: Record<string, CompiledSql> = {
  SQLite: sql(
    'with recursive n(i) as (select 1 union all select i + 1 from n) select abs(iif(i > 1200, -9223372036854775807 - 1, i)) from n',
  ),
  PostgreSQL: sql('select 2147482447 + i - 2147482447 from generate_series(1, 5000) as i'),
  MariaDB: sql('select round(log(exp(if(seq > 1200, 10000, 1))) * seq) from seq_1_to_5000'),
};

const numbersIn = (rows: readonly Cells[]): number[] => rows.map(([i]) => Number(i));

describe.each(Object.keys(DATABASES))('a reader of %s', (name) => {
  let database: Opened;
  const numbers = NUMBERS[name] as (count: number) => CompiledSql;
  const overflowing = OVERFLOWING[name] as CompiledSql;

  beforeAll(async () => {
    database = await (DATABASES[name] as () => Promise<Opened>)();
  });
  afterAll(() => database?.close());

  const positions = sql('select position from tracks order by album_id, position');

  it('gives the selected values in order', async () => {
    expect(await database.runner.execute(sql("select 1 as b, 'x' as a, null as b2"))).toEqual([[1, 'x', null]]);
  });

  it('shows all statements of a snapshot one state of the data', async () => {
    const [before, after] = await database.runner.snapshot(async (execute) => {
      const first = await execute(positions);
      await database.write('delete from tracks where position > 2');
      return [first, await execute(positions)];
    });
    expect(after).toEqual(before);
    expect(await database.runner.execute(positions)).not.toEqual(before);
  });

  it('gives a list to who takes it as it comes, and the other parts as ever', async () => {
    const engine = createQueryEngine(fixtureCatalogue);
    const form = request('tracks', {
      fields: columns('album_id', 'position', 'title'),
      aggregates: new Map([['count', { kind: 'star-count' }]]),
    });
    const taken: unknown[] = [];
    const [whole] = await runQuery(engine, database.runner, form);
    const [parts] = await runQuery(engine, database.runner, form, (rows) => void taken.push(...rows));
    expect(parts).toEqual({ ...whole, rows: [] });
    expect(taken).toEqual(whole?.rows);
  });

  it.each([0, 1, 499, 500, 501, 1_750])('hands %i rows over in slices, in order', async (count) => {
    const slices: number[][] = [];
    const rest = await database.runner.execute(numbers(count), (rows) => void slices.push(numbersIn(rows)));
    expect(rest).toEqual([]);
    expect(slices.flat()).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    for (const { length } of slices) expect(length).toBeLessThanOrEqual(500);
    expect(numbersIn(await database.runner.execute(numbers(count)))).toEqual(slices.flat());
  });

  it('hands no rows over before those before are taken', async () => {
    let taking = 0;
    let most = 0;
    await database.runner.execute(numbers(3_000), async () => {
      most = Math.max(most, ++taking);
      await nextTurn();
      taking--;
    });
    expect(most).toBe(1);
  });

  describe('with one connection', () => {
    let reader: Reader;
    afterEach(() => reader.close());
    const open = async (statementTimeoutMs = 30_000): Promise<void> => {
      reader = await database.open({ connections: 1, statementTimeoutMs });
    };
    const expectFree = async (): Promise<void> => {
      expect(await reader.execute(sql('select 1 as one'))).toEqual([[1]]);
      expect(await reader.snapshot((execute) => execute(sql('select 1 as one')))).toEqual([[1]]);
    };
    const both: [string, (statement: CompiledSql, take: TakeRows<Cells>) => Promise<unknown>][] = [
      ['a statement', (statement, take) => reader.execute(statement, take)],
      ['a snapshot', (statement, take) => reader.snapshot((execute) => execute(statement, take))],
    ];

    it.each(both)('ends %s where taking fails, with what it failed with', async (_what, run) => {
      await open();
      let slices = 0;
      const failing = run(numbers(50_000), async () => {
        if (++slices === 2) throw new Error('not taken');
      });
      await expect(failing).rejects.toThrow('not taken');
      expect(slices).toBe(2);
      await expectFree();
    });

    it.each(both)('ends %s that fails between two slices', async (_what, run) => {
      await open();
      const taken: number[] = [];
      const failing = run(overflowing, (rows) => void taken.push(...numbersIn(rows)));
      await expect(failing).rejects.toThrow(/^The database refused a statement \([A-Z0-9_]+\)\.$/);
      expect(taken.length).toBeGreaterThanOrEqual(500);
      await expectFree();
    });

    it.each(both)('ends %s whose rows are not taken in its time', async (_what, run) => {
      await open(300);
      const failing = run(numbers(50_000), () => new Promise(() => {}));
      await expect(failing).rejects.toMatchObject({ kind: 'unavailable', code: 'STATEMENT_TIMEOUT' });
      await expectFree();
    });
  });

  it('serves more snapshots at once than it has connections', async () => {
    const counts = await Promise.all(
      Array.from({ length: 12 }, () => database.runner.snapshot(async (execute) => (await execute(positions)).length)),
    );
    expect(new Set(counts).size).toBe(1);
  });

  it('can not write', async () => {
    await expect(database.runner.execute(sql('delete from tracks'))).rejects.toThrow(
      'The database refused a statement',
    );
  });

  it('keeps SQL text out of messages, and works on after a failure', async () => {
    const failing = database.runner.snapshot((execute) => execute(sql('select secret_column from tracks')));
    await expect(failing).rejects.toThrow(/^The database refused a statement \([A-Z0-9_]+\)\.$/);
    expect(await database.runner.execute(sql('select 1 as one'))).toEqual([[1]]);
  });
});

interface Session {
  readonly id: string;
  readonly end: (id: number) => string;
  /** Fifty megabytes, more than the sockets hold: the server is not done when the first rows are there. */
  readonly list: string;
}

const SESSIONS: Record<string, Session> = {
  PostgreSQL: {
    id: 'select pg_backend_pid()',
    end: (id) => `select pg_terminate_backend(${id})`,
    list: "select i, repeat('x', 1000) from generate_series(1, 50000) as i",
  },
  MariaDB: {
    id: 'select connection_id()',
    end: (id) => `kill ${id}`,
    list: "select seq, repeat('x', 1000) from seq_1_to_50000",
  },
};

describe('a server that ends a connection in the middle of a list', () => {
  it.each(Object.keys(SESSIONS).filter((name) => name in DATABASES))(
    '%s: the list fails as unavailable, and others go on',
    async (name) => {
      const { open, write, close } = await (DATABASES[name] as () => Promise<Opened>)();
      const reader = await open({ connections: 1, statementTimeoutMs: 30_000 });
      const session = SESSIONS[name] as Session;
      const [[id]] = (await reader.execute(sql(session.id))) as [[number]];
      let isFirst = true;
      const failing = reader.execute(sql(session.list), async () => {
        if (isFirst) await write(session.end(id));
        isFirst = false;
      });
      await expect(failing).rejects.toMatchObject({ kind: 'unavailable' });
      expect(await reader.execute(sql('select 1 as one'))).toEqual([[1]]);
      await reader.close();
      await close();
    },
  );
});

describe('a reader of SQLite', () => {
  it('answers a statement without end as unavailable in time, and others go on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-reader-'));
    const path = join(folder, 'x.sqlite');
    new Database(path).exec('pragma journal_mode = wal; create table t (i); insert into t values (1)').close();
    const reader = createSqliteReader({ path, connections: 1, statementTimeoutMs: 200 });
    const aggregate = sql(
      'with recursive n(i) as (select 1 union all select i + 1 from n limit 24000000) select max(i) from n',
    );
    await expect(reader.execute(aggregate)).rejects.toMatchObject({ kind: 'unavailable', code: 'STATEMENT_TIMEOUT' });
    expect(await reader.execute(sql('select i from t'))).toEqual([[1]]);
    expect(await reader.close(), 'the thread that goes on is not waited for').toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('refuses to read while too many statements go on that are out of time, and reads again when they ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-reader-'));
    const path = join(folder, 'x.sqlite');
    new Database(path).exec('pragma journal_mode = wal; create table t (i); insert into t values (1)').close();
    const reader = createSqliteReader({ path, connections: 1, statementTimeoutMs: 50 });
    const long = sql(
      'with recursive n(i) as (select 1 union all select i + 1 from n limit 12000000) select max(i) from n',
    );
    for (let given = 1; given <= 3; given++)
      await expect(reader.execute(long)).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    // On a busy machine a thread may still be starting when the time of its statement is up: that one never went on.
    await vi.waitFor(() => expect(reader.execute(long)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' }), {
      timeout: 20_000,
      interval: 1,
    });
    const short = sql('select i from t');
    const refused = await Promise.allSettled([reader.execute(short), reader.execute(short)]);
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(reader.execute(short)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await vi.waitFor(async () => expect(await reader.execute(short)).toEqual([[1]]), {
      timeout: 60_000,
      interval: 200,
    });
    await reader.close();
    rmSync(folder, { recursive: true });
  }, 90_000);

  it('says that a missing, foreign or empty file is unavailable', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-reader-'));
    writeFileSync(join(folder, 'foreign'), 'this is not a database, whatever its name may say'.repeat(100));
    for (const name of ['missing', 'foreign']) {
      const reader = createSqliteReader({ path: join(folder, name), connections: 1 });
      await expect(reader.execute(sql('select 1 from sqlite_master'))).rejects.toMatchObject({ kind: 'unavailable' });
      await reader.close();
    }
    new Database(join(folder, 'empty')).close();
    const empty = createSqliteReader({ path: join(folder, 'empty'), connections: 1 });
    await expect(empty.execute(sql('select 1 from artists'))).rejects.toMatchObject({ kind: 'unavailable' });
    await empty.close();
    rmSync(folder, { recursive: true });
  });

  it('lets running statements end when it closes, and refuses new ones', async () => {
    const { runner, close } = await openSqlite(tables);
    const running = runner.execute(sql('select count(*) as n from artists'));
    await close();
    expect(await running).toEqual([[12]]);
    await expect(runner.execute(sql('select 1'))).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('a reader of PostgreSQL', () => {
  it('answers a statement that runs too long, or no server, as unavailable', async () => {
    const slow = createPostgresReader({ connectionString: inject('postgresUrl'), statementTimeoutMs: 50 });
    await expect(slow.execute(sql('select pg_sleep(5)'))).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    await slow.close();
    const nowhere = createPostgresReader({ connectionString: 'postgresql://x@127.0.0.1:1/x' });
    await expect(nowhere.execute(sql('select 1'))).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(nowhere.snapshot((execute) => execute(sql('select 1')))).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await nowhere.close();
  });

  it('answers a database that is gone as unavailable', async () => {
    const { runner, write, close } = await (DATABASES['PostgreSQL'] as () => Promise<Opened>)();
    await write('drop table tracks');
    await expect(runner.execute(sql('select 1 from tracks'))).rejects.toMatchObject({ kind: 'unavailable' });
    await close();
    const missing = Object.assign(new URL(inject('postgresUrl')), { pathname: '/is_not_there' }).toString();
    const reader = createPostgresReader({ connectionString: missing });
    await expect(reader.execute(sql('select 1'))).rejects.toMatchObject({ kind: 'unavailable' });
    await reader.close();
  });
});

describe('a reader of MariaDB', () => {
  it('names the package to install where the driver is missing', async () => {
    vi.doMock('mariadb', () => {
      throw new Error("Cannot find package 'mariadb'");
    });
    const opening = createMariadbReader({ connectionString: 'mariadb://x@127.0.0.1:1/x' });
    await expect(opening).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('npm install mariadb'),
    });
    vi.doUnmock('mariadb');
  });

  it.runIf(mariadbUrl)('answers a database that is gone as unavailable', async () => {
    const { runner, write, close } = await (DATABASES['MariaDB'] as () => Promise<Opened>)();
    await write('drop table tracks');
    await expect(runner.execute(sql('select 1 from tracks'))).rejects.toMatchObject({ kind: 'unavailable' });
    await close();
    const missing = Object.assign(new URL(mariadbUrl ?? ''), { pathname: '/is_not_there' }).toString();
    const reader = await createMariadbReader({ connectionString: missing, connectTimeoutMs: 300 });
    await expect(reader.execute(sql('select 1'))).rejects.toMatchObject({ kind: 'unavailable' });
    await reader.close();
  });

  it('answers no server as unavailable', async () => {
    const nowhere = await createMariadbReader({ connectionString: 'mariadb://x@127.0.0.1:1/x', connectTimeoutMs: 200 });
    await expect(nowhere.execute(sql('select 1'))).rejects.toMatchObject({ kind: 'unavailable' });
    await nowhere.close();
  });
});

describe('a runner inside a transaction', () => {
  it('sees what the transaction wrote', async () => {
    const { url, close } = await openPostgres(inject('postgresUrl'), tables);
    const pool = new pg.Pool({ connectionString: url });
    pool.on('error', () => {}); // dropping the database ends what is left
    const kysely = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) });
    const engine = createQueryEngine(fixtureCatalogue);
    const query = { fields: columns('name'), aggregates: new Map([['n', { kind: 'star-count' }]] as const), limit: 1 };
    const answer = await kysely.transaction().execute(async (tx) => {
      const runner = createKyselyRunner(tx, 'postgresql');
      await runner.execute(sql("update artists set name = 'renamed'"));
      return runQuery(engine, runner, request('artists', query));
    });
    expect(answer).toEqual([{ rows: [{ name: 'renamed' }], aggregates: { n: 1 } }]);
    await kysely.destroy();
    await close();
  });
});
