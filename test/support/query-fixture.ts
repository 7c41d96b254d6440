import type { FieldDef, ObjectDef, ScalarKind, ValueType } from '../../core/domain/kind.ts';
import { listOf, nullable, objectOf, oneOf, scalar } from '../../core/domain/kind.ts';
import type { Catalogue, CollectionDef, ColumnDef, ForeignKeyDef } from '../../schema/catalogue.ts';
import type { Tables } from '../../schema/query/query-engine.ts';

/** A small music store: every kind, nulls, objects and lists inside columns, a composite key, a select as backing. */
export const fixtureCatalogue: Catalogue = {
  collections: new Map(
    [
      collection('artists', 'artist', ['id'], {
        id: scalar('int32'),
        name: scalar('string'),
        country: nullable(scalar('string')),
        external_id: scalar('uuid'),
        founded: nullable(scalar('timestamp')),
        rating: nullable(scalar('float64')),
        plays: nullable(scalar('int64')),
        reach: nullable(scalar('int64')),
        active: nullable(scalar('boolean')),
        status: oneOf(['open', 'closed', 'resolved']),
        address: nullable(objectOf('address')),
        tags: nullable(listOf(nullable(scalar('string')))),
        members: nullable(listOf(objectOf('member'))),
      }),
      collection(
        'albums',
        'album',
        ['id'],
        {
          id: scalar('uuid'),
          artist_id: nullable(scalar('int32')),
          title: scalar('string'),
          year: nullable(scalar('int32')),
          price: nullable(scalar('float64')),
          weight: nullable(scalar('float64')),
          released: nullable(scalar('timestamp')),
          meta: nullable(scalar('json')),
        },
        { artist: { target: 'artists', mapping: { artist_id: 'id' }, objectName: 'artist', arrayName: 'albums' } },
      ),
      collection(
        'tracks',
        'track',
        ['album_id', 'position'],
        {
          album_id: scalar('uuid'),
          position: scalar('int32'),
          title: nullable(scalar('string')),
          length_ms: nullable(scalar('int64')),
          explicit: scalar('boolean'),
          played_at: nullable(scalar('timestamp')),
        },
        { album: { target: 'albums', mapping: { album_id: 'id' }, objectName: 'album', arrayName: 'tracks' } },
      ),
      {
        ...collection('artist_totals', 'artist_total', ['artist_id'], {
          artist_id: scalar('int32'),
          albums: scalar('int32'),
        }),
        backing: {
          type: 'select',
          sql: {
            sqlite: totals('integer'),
            postgresql: totals('integer'),
            mariadb: totals('signed'),
            mysql: totals('signed'),
            sqlserver: totals('int'),
            oracle: `select "artist_id", count(*) as "albums" from "albums" where "artist_id" is not null group by "artist_id"`,
          },
        },
      } satisfies CollectionDef,
    ].map((one) => [one.name, one]),
  ),
  objects: new Map(
    [
      object('address', {
        city: nullable(scalar('string')),
        since: nullable(scalar('timestamp')),
        visits: nullable(scalar('int64')),
        label_id: nullable(scalar('int32')),
        geo: nullable(objectOf('geo')),
        aliases: nullable(listOf(scalar('string'))),
      }),
      object('geo', { lat: nullable(scalar('float64')), precise: nullable(scalar('boolean')) }),
      object('member', {
        name: scalar('string'),
        age: nullable(scalar('int32')),
        artist_id: nullable(scalar('int32')),
        roles: nullable(listOf(scalar('string'))),
      }),
    ].map((one) => [one.name, one]),
  ),
};

/** Rows in wire form; the same seed gives the same rows. Numbers are multiples of 1/4, so that sums are exact. */
export function fixtureTables(random: () => number): Tables {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const maybe = <T>(value: () => T): T | null => (random() < 0.25 ? null : value());
  const member = (): object => ({
    name: pick(NAMES),
    age: maybe(() => 18 + Math.floor(random() * 5)),
    artist_id: maybe(() => 1 + Math.floor(random() * 14)),
    roles: maybe(() => Array.from({ length: Math.floor(random() * 3) }, () => pick(ROLES))),
  });
  const address = (): object => ({
    city: maybe(() => pick(NAMES)),
    since: maybe(() => pick(TIMES)),
    visits: maybe(() => pick(BIG)),
    label_id: maybe(() => 1 + Math.floor(random() * 14)),
    geo: maybe(() => ({ lat: maybe(() => Math.floor(random() * 40) / 4), precise: maybe(() => random() < 0.5) })),
    aliases: maybe(() => Array.from({ length: Math.floor(random() * 3) }, () => pick(NAMES))),
  });
  const artists = Array.from({ length: 12 }, (_, i) => ({
    id: i + 1,
    name: pick(NAMES),
    country: maybe(() => pick(['de', 'se', 'DE', 'jp'])),
    external_id: fixtureUuid(i + 1),
    founded: maybe(() => pick(TIMES)),
    rating: maybe(() => Math.floor(random() * 40 - 20) / 4),
    plays: maybe(() => pick(BIG)),
    active: maybe(() => random() < 0.5),
    status: pick(['open', 'closed', 'resolved']),
    address: maybe(address),
    tags: maybe(() => Array.from({ length: Math.floor(random() * 4) }, () => maybe(() => pick(NAMES)))),
    members: maybe(() => Array.from({ length: Math.floor(random() * 4) }, member)),
  }));
  const albums = Array.from({ length: 30 }, (_, i) => ({
    id: fixtureUuid(100 + i),
    artist_id: maybe(() => 1 + Math.floor(random() * 12)),
    title: pick(NAMES),
    year: maybe(() => 1990 + Math.floor(random() * 6)),
    price: maybe(() => Math.floor(random() * 80) / 4),
    released: maybe(() => pick(TIMES)),
    meta: maybe(() => pick([{ a: 1, b: [true, null] }, [1, 2], 'text', 7, {}])),
  }));
  const tracks = albums.flatMap((album) =>
    Array.from({ length: Math.floor(random() * 6) }, (_, i) => ({
      album_id: album.id,
      position: i + 1,
      title: maybe(() => pick(NAMES)),
      length_ms: maybe(() => pick(BIG)),
      explicit: random() < 0.5,
      played_at: maybe(() => pick(TIMES)),
    })),
  );
  return new Map<string, readonly Record<string, unknown>[]>([
    ['artists', artists.map((row) => ({ ...row, reach: maybe(() => pick(HUGE)) }))],
    ['albums', albums.map((row) => ({ ...row, weight: maybe(() => pick(WEIGHTS)) }))],
    ['tracks', tracks],
    ['artist_totals', totalsOf(albums)],
  ]);
}

/** What `artist_totals` selects, in memory. */
export function totalsOf(albums: readonly { readonly artist_id?: unknown }[]): Record<string, unknown>[] {
  const byArtist = Map.groupBy(albums, ({ artist_id }) => artist_id);
  return [...byArtist].flatMap(([artist_id, own]) => (artist_id === null ? [] : [{ artist_id, albums: own.length }]));
}

function totals(integer: string): string {
  return `select artist_id, cast(count(*) as ${integer}) as albums from albums where artist_id is not null group by artist_id`;
}

export function fixtureUuid(n: number): string {
  return `${(0x01900000 + ((n * 7919) % 65_536)).toString(16).padStart(8, '0')}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** Case, trailing space, wildcards, quotes, characters beyond the basic plane, the empty text. */
export const NAMES = [
  'abba',
  'ABBA',
  'Abb',
  'a ',
  'a',
  '',
  'b%c',
  'b_c',
  'bxc',
  'x[y]*?z',
  "o'neil",
  'back\\slash',
  '日本',
  '\u{1f3b5} note',
  '\uff41',
] as const;
const ROLES = ['voice', 'bass', 'keys'] as const;
const BIG = ['0', '1', '-3', '250000', '250001', '9007199254740993', '9007199254740992'] as const;
/** Two of them may be beyond 64 bits. */
const HUGE = ['-3', '250000', '4611686018427387904', '9223372036854775807', '-9223372036854775808'] as const;
/** Sums of powers of two are exact in any order, beyond the range of a double and back; the square of one is beyond it. */
const WEIGHTS = [0.25, -1.5, 2 ** 500, 2 ** 1022, 2 ** 1023, -(2 ** 1023)] as const;
export const TIMES = [
  '1969-12-31T23:59:59.250Z',
  '1970-01-01T00:00:00.000Z',
  '2024-02-29T12:34:56.789Z',
  '2024-12-30T00:00:00.001Z',
  '2025-01-01T05:00:00.000Z',
  '2025-01-01T05:59:59.999Z',
  '2026-11-20T18:00:00.000Z',
] as const;

function collection(
  name: string,
  rowType: string,
  primaryKey: readonly string[],
  types: Readonly<Record<string, ValueType>>,
  foreignKeys: Readonly<Record<string, ForeignKeyDef>> = {},
): CollectionDef {
  return {
    name,
    rowType,
    description: `Test collection ${name}.`,
    columns: Object.entries(types).map(([column, type]) => columnOf(column, type)),
    primaryKey,
    uniqueConstraints: new Map([[`${name}_by_${primaryKey.join('_')}`, primaryKey]]),
    foreignKeys: new Map(Object.entries(foreignKeys)),
    backing: { type: 'table', table: name },
  };
}

function columnOf(name: string, type: ValueType): ColumnDef {
  const inner = type.type === 'nullable' ? type.of : type;
  const kind: ScalarKind = inner.type === 'scalar' ? inner.scalar : 'json';
  return { name, description: `Column ${name}.`, type, kind, nullable: type.type === 'nullable' };
}

function object(name: string, types: Readonly<Record<string, ValueType>>): ObjectDef {
  const fields = Object.entries(types).map(([field, type]): FieldDef => ({ name: field, description: field, type }));
  return { name, description: `Test object ${name}.`, fields };
}
