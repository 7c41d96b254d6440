import pg from 'pg';
import type { QueryRequestForm } from '../../schema/query/form.ts';
import { columns, compare, request } from '../support/query-builders.ts';
import { statementsOf } from '../support/query-databases.ts';
import { fixtureUuid } from '../support/query-fixture.ts';

const ARTISTS = 1_000;
const ALBUMS = 10;
const TRACKS = 10;

/** Three requests that programs make of a database, small and large. */
export const REQUESTS: Record<string, QueryRequestForm> = {
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

/** The driver without anything between. */
export type Bare = (sql: string, parameters: readonly unknown[]) => Promise<Record<string, unknown>[]>;
export type HandWritten = (run: Bare, dialect: 'sqlite' | 'postgresql') => Promise<unknown>;

/** What a person would write for the same answers, on the bare driver. */
export const HAND_WRITTEN: Record<string, HandWritten> = {
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

/** A database of its own with the rows, indexed and analysed. */
export async function fillPostgres(url: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `bench_${process.pid}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const own = Object.assign(new URL(url), { pathname: `/${name}` }).toString();
  const client = new pg.Client({ connectionString: own });
  await client.connect();
  for (const { sql, values } of statementsOf('postgresql', new Map())) await client.query(sql, values);
  for (const [table, tableRows] of rows()) {
    await client.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(tableRows),
    ]);
  }
  await client.query('create index on albums (artist_id)');
  await client.query('analyze');
  await client.end();
  return {
    url: own,
    async drop() {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

export function rows(): Map<string, Record<string, unknown>[]> {
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
