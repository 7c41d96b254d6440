import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import pg from 'pg';
import type { QueryRequestForm } from '../../schema/query/form.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import type { QueryRunner } from '../../schema/query/query-runner.ts';
import { compileQuery, runQuery } from '../../schema/query/run-query.ts';
import { createPostgresReader } from '../../schema/readers/postgres-reader.ts';
import { createSqliteReader } from '../../schema/readers/sqlite-reader.ts';
import { columns, compare, request } from '../support/query-builders.ts';
import { statementsOf } from '../support/query-databases.ts';
import { fixtureCatalogue, fixtureUuid } from '../support/query-fixture.ts';

const ARTISTS = 1_000;
const ALBUMS = 10;
const TRACKS = 10;
const ROUNDS = 200;

const engine = createQueryEngine(fixtureCatalogue);

const REQUESTS: Record<string, QueryRequestForm> = {
  'list: 100 rows × 8 columns by key': request('artists', {
    fields: columns('id', 'name', 'country', 'external_id', 'founded', 'rating', 'plays', 'status'),
    predicate: compare('id', '_gt', 500),
    limit: 100,
  }),
  'nested: 100 parents × 10 children × 2 levels': request('artists', {
    fields: new Map([
      ...columns('id', 'name'),
      [
        'albums',
        {
          kind: 'relationship',
          relationship: 'albums',
          query: {
            fields: new Map([
              ...columns('id', 'title'),
              [
                'tracks',
                { kind: 'relationship', relationship: 'tracks', query: { fields: columns('position', 'title') } },
              ] as const,
            ]),
          },
        },
      ] as const,
    ]),
    limit: 100,
  }),
  'groups: 10,000 rows by year': request('albums', {
    groups: {
      dimensions: [{ column: 'year' }],
      aggregates: new Map([
        ['count', { kind: 'star-count' }],
        ['mean', { kind: 'function', function: 'avg', column: 'price' }],
      ]),
    },
  }),
};

type Bare = (sql: string, parameters: readonly unknown[]) => Promise<Record<string, unknown>[]>;
type HandWritten = (run: Bare, dialect: 'sqlite' | 'postgresql') => Promise<unknown>;

/** What a person would write for the same answers, on the bare driver. */
const HAND_WRITTEN: Record<string, HandWritten> = {
  'list: 100 rows × 8 columns by key': async (run, dialect) => {
    const plays = dialect === 'sqlite' ? 'cast(plays as text)' : 'plays';
    const text = `select id, name, country, external_id, founded, rating, ${plays} as plays, status from artists where id > ${mark(dialect, 1)} order by id limit 100`;
    const rows = await run(text, [500]);
    return rows.map((row) => ({
      ...row,
      founded: row['founded'] === null ? null : new Date(row['founded'] as number),
    }));
  },
  'nested: 100 parents × 10 children × 2 levels': async (run, dialect) => {
    const artists = await run('select id, name from artists order by id limit 100', []);
    const albums = await run(
      `select artist_id, id, title from albums where artist_id in (${marks(dialect, artists.length)}) order by id`,
      artists.map(({ id }) => id),
    );
    const tracks = await run(
      `select album_id, position, title from tracks where album_id in (${marks(dialect, albums.length)}) order by position`,
      albums.map(({ id }) => id),
    );
    const tracksOf = Map.groupBy(tracks, ({ album_id }) => album_id);
    const albumsOf = Map.groupBy(albums, ({ artist_id }) => artist_id);
    return artists.map((artist) => ({
      ...artist,
      albums: (albumsOf.get(artist['id']) ?? []).map(({ id, title }) => ({
        id,
        title,
        tracks: (tracksOf.get(id) ?? []).map(({ position, title }) => ({ position, title })),
      })),
    }));
  },
  'groups: 10,000 rows by year': (run) =>
    run('select year, count(*) as count, avg(price) as mean from albums group by year order by year', []),
};

/** Prints compile time, and CPU of a request (all threads of this process) against hand-written SQL. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-bench-'));
  const path = join(folder, 'bench.sqlite');
  const writer = new Database(path);
  writer.pragma('journal_mode = wal');
  writer.transaction(() => {
    for (const { sql, values } of statementsOf('sqlite', rows())) writer.prepare(sql).run(...values);
    writer.exec('create index albums_artist on albums (artist_id)');
  })();
  const sqlite = createSqliteReader({ path, connections: 1 });
  await printMemory(sqlite); // first: what the others leave behind is not ours
  for (const [name, form] of Object.entries(REQUESTS)) printCompile(name, form);
  await compareWithHand(
    'SQLite',
    'sqlite',
    sqlite,
    async (sql, values) => writer.prepare(sql).all(...values) as Record<string, unknown>[],
  );
  await sqlite.close();
  writer.close();
  rmSync(folder, { recursive: true });
  const url = process.env['TEST_POSTGRES_URL'];
  if (url) await onPostgres(url);
  else console.log('PostgreSQL: not measured; set TEST_POSTGRES_URL');
}

/** Resident memory while 10,000 rows × 7 columns are answered again and again, against idle. */
async function printMemory(runner: QueryRunner): Promise<void> {
  const names = ['id', 'artist_id', 'title', 'year', 'price', 'released', 'meta'];
  const form = request('albums', { fields: columns(...names) });
  await runQuery(engine, runner, request('albums', { fields: columns('id'), limit: 1 }));
  const idle = process.memoryUsage().rss;
  let peak = idle;
  for (let i = 0; i < 20; i++) {
    JSON.stringify(await runQuery(engine, runner, form));
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  const [before, most] = [idle, peak].map((bytes) => (bytes / 2 ** 20).toFixed(0));
  console.log(
    `memory  ${ARTISTS * ALBUMS} rows × ${names.length} columns, 20 times: ${most} MiB at most, ${before} MiB before`,
  );
}

function printCompile(name: string, form: QueryRequestForm): void {
  const times = Array.from({ length: 3_000 }, () => {
    // Elapsed: the CPU clock of a thread has too coarse a tick. On a busy machine p99 is that of the others.
    const start = performance.now();
    compileQuery(engine, 'postgresql', form);
    return performance.now() - start;
  }).slice(1_000);
  times.sort((a, b) => a - b);
  console.log(`compile  ${name}: median ${ms(times[1_000])}, p99 ${ms(times[1_980])} (mark: p99 ≤ 1 ms)`);
}

async function compareWithHand(
  label: string,
  dialect: 'sqlite' | 'postgresql',
  runner: QueryRunner,
  bare: Bare,
): Promise<void> {
  for (const [name, form] of Object.entries(REQUESTS)) {
    const hand = HAND_WRITTEN[name] as HandWritten;
    const ours = await cpuOf(async () => JSON.stringify(await runQuery(engine, runner, form)));
    const theirs = await cpuOf(async () => JSON.stringify(await hand(bare, dialect)));
    const ratio = (ours.cpu / theirs.cpu).toFixed(2);
    console.log(
      `${label}  ${name}: CPU ${ms(ours.cpu)} against ${ms(theirs.cpu)} by hand, ratio ${ratio}; elapsed ${ms(ours.elapsed)} against ${ms(theirs.elapsed)}`,
    );
  }
}

async function cpuOf(task: () => Promise<string>): Promise<{ cpu: number; elapsed: number }> {
  for (let i = 0; i < ROUNDS; i++) await task();
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  for (let i = 0; i < ROUNDS; i++) await task();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1_000 / ROUNDS, elapsed: (performance.now() - start) / ROUNDS };
}

async function onPostgres(url: string): Promise<void> {
  const name = `bench_${process.pid}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const connectionString = Object.assign(new URL(url), { pathname: `/${name}` }).toString();
  const bare = new pg.Client({ connectionString });
  await bare.connect();
  for (const { sql, values } of statementsOf('postgresql', new Map())) await bare.query(sql, values);
  for (const [table, tableRows] of rows()) {
    await bare.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(tableRows),
    ]);
  }
  await bare.query('create index on albums (artist_id)');
  await bare.query('analyze');
  const reader = createPostgresReader({ connectionString, connections: 1 });
  await compareWithHand(
    'PostgreSQL',
    'postgresql',
    reader,
    async (sql, values) => (await bare.query(sql, [...values])).rows,
  );
  await reader.close();
  await bare.end();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
}

function rows(): Map<string, Record<string, unknown>[]> {
  const artists = Array.from({ length: ARTISTS }, (_, i) => ({
    id: i + 1,
    name: `artist ${i}`,
    country: i % 3 === 0 ? null : 'se',
    external_id: fixtureUuid(i + 1),
    founded: new Date(1_700_000_000_000 + i * 1_000).toISOString(),
    rating: i / 4,
    plays: String(i * 1_000),
    active: true,
    status: 'open',
  }));
  const albums = Array.from({ length: ARTISTS * ALBUMS }, (_, i) => ({
    id: fixtureUuid(i + 1),
    artist_id: Math.floor(i / ALBUMS) + 1,
    title: `album ${i}`,
    year: 1990 + (i % 30),
    price: i / 4,
  }));
  const tracks = Array.from({ length: 1_000 * TRACKS }, (_, i) => ({
    album_id: fixtureUuid(Math.floor(i / TRACKS) + 1),
    position: (i % TRACKS) + 1,
    title: `track ${i}`,
    explicit: false,
  }));
  return new Map<string, Record<string, unknown>[]>([
    ['artists', artists],
    ['albums', albums],
    ['tracks', tracks],
  ]);
}

function mark(dialect: 'sqlite' | 'postgresql', index: number): string {
  return dialect === 'sqlite' ? '?' : `$${index}`;
}

function marks(dialect: 'sqlite' | 'postgresql', count: number): string {
  return Array.from({ length: count }, (_, i) => mark(dialect, i + 1)).join(', ');
}

function ms(value: number | undefined): string {
  return `${(value ?? 0).toFixed(3)} ms`;
}

if (import.meta.main) await run();
