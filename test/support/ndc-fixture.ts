import { conflict, forbidden, notFound } from '../../core/domain/errors.ts';
import {
  type FieldDef,
  listOf,
  nullable,
  objectOf,
  type ObjectDef,
  oneOf,
  scalar,
  type ScalarKind,
  type ValueType,
} from '../../core/domain/kind.ts';
import type { Verb, VerbContext, VerbTable } from '../../core/services/verbs/verb.ts';
import type { Catalogue, CollectionDef, ColumnDef, ForeignKeyDef } from '../../schema/catalogue.ts';

/**
 * A music store small enough to compute every answer by hand, with everything the protocol can ask about: nulls in
 * every nullable column, nested objects and lists, relations that are missing, empty and self-referring.
 */
export const MOODS = ['calm', 'wild'] as const;

const column = (name: string, kind: ScalarKind, type: ValueType = scalar(kind), canBeNull = false): ColumnDef => ({
  name,
  kind,
  nullable: canBeNull,
  type: canBeNull ? nullable(type) : type,
  description: `The ${name.replaceAll('_', ' ')}.`,
  ...(type.type === 'scalar' && type.values ? { values: type.values } : {}),
});

const optional = (name: string, kind: ScalarKind, type?: ValueType): ColumnDef => column(name, kind, type, true);

const field = (name: string, type: ValueType): FieldDef => ({ name, description: `The ${name}.`, type });

const collection = (
  name: string,
  rowType: string,
  columns: readonly ColumnDef[],
  foreignKeys: Readonly<Record<string, ForeignKeyDef>> = {},
): [string, CollectionDef] => [
  name,
  {
    name,
    rowType,
    description: `One row per ${rowType}.`,
    columns,
    primaryKey: ['id'],
    uniqueConstraints: new Map([[`${name}_by_id`, ['id']]]),
    foreignKeys: new Map(Object.entries(foreignKeys)),
    backing: { type: 'table', table: name },
  },
];

export const CATALOGUE: Catalogue = {
  collections: new Map([
    collection('artists', 'artist', [
      column('id', 'int32'),
      column('name', 'string'),
      optional('country', 'string'),
      optional('founded', 'int32'),
      column('active', 'boolean'),
      optional('label', 'json', objectOf('label')),
      optional('genres', 'json', listOf(scalar('string'))),
      optional('awards', 'json', listOf(objectOf('award'))),
    ]),
    collection(
      'albums',
      'album',
      [
        column('id', 'int32'),
        optional('artist_id', 'int32'),
        column('title', 'string'),
        optional('released', 'timestamp'),
        optional('rating', 'float64'),
        optional('mood', 'string', oneOf(MOODS)),
        column('plays', 'int64'),
        column('code', 'uuid'),
        optional('extra', 'json'),
      ],
      {
        albums_artist_fk: {
          target: 'artists',
          mapping: { artist_id: 'id' },
          objectName: 'artist',
          arrayName: 'albums',
        },
      },
    ),
    collection(
      'tracks',
      'track',
      [
        column('id', 'int32'),
        column('album_id', 'int32'),
        column('name', 'string'),
        column('seconds', 'int32'),
        optional('explicit', 'boolean'),
        column('added', 'timestamp'),
      ],
      { tracks_album_fk: { target: 'albums', mapping: { album_id: 'id' }, objectName: 'album', arrayName: 'tracks' } },
    ),
  ]),
  objects: new Map<string, ObjectDef>([
    [
      'label',
      {
        name: 'label',
        description: 'A record label.',
        fields: [
          field('name', scalar('string')),
          field('city', nullable(scalar('string'))),
          field('owner_id', nullable(scalar('int32'))),
        ],
      },
    ],
    [
      'award',
      {
        name: 'award',
        description: 'A prize.',
        fields: [
          field('title', scalar('string')),
          field('year', scalar('int32')),
          field('album_id', nullable(scalar('int32'))),
        ],
      },
    ],
  ]),
};

/** Rows in wire form. */
export const ROWS: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  artists: [
    {
      id: 1,
      name: 'Alpha',
      country: 'FI',
      founded: 1990,
      active: true,
      label: { name: 'North', city: 'Oslo', owner_id: 3 },
      genres: ['rock', 'pop'],
      awards: [
        { title: 'Best', year: 2001, album_id: 1 },
        { title: 'Live', year: 2005, album_id: null },
      ],
    },
    {
      id: 2,
      name: 'beta',
      country: 'SE',
      founded: null,
      active: true,
      label: { name: 'South', city: null, owner_id: null },
      genres: [],
      awards: [],
    },
    { id: 3, name: 'Gamma 100%', country: null, founded: 1975, active: false, label: null, genres: null, awards: null },
    {
      id: 4,
      name: 'Delta_4',
      country: 'FI',
      founded: 2010,
      active: false,
      label: { name: 'North', city: 'Bergen', owner_id: 1 },
      genres: ['rock'],
      awards: [{ title: 'Best', year: 2011, album_id: 5 }],
    },
    {
      id: 5,
      name: 'epsilon',
      country: 'SE',
      founded: 1990,
      active: true,
      label: null,
      genres: ['jazz', 'rock', 'jazz'],
      awards: [],
    },
  ],
  albums: [
    album(1, 1, 'First', '2001-03-04T05:06:07.890Z', 4.5, 'calm', '9007199254740993', { a: 1 }),
    album(2, 1, 'Second', '2003-12-31T23:59:59.999Z', 3, 'wild', '10', null),
    album(3, 2, 'First', '2001-03-04T22:00:00.000Z', null, null, '0', [1, 2]),
    album(4, 2, 'Third', null, 2.5, 'calm', '10', null),
    album(5, 4, 'Fifth', '2011-06-15T12:00:00.000Z', 4.5, 'wild', '25', 'text'),
    album(6, null, 'Orphan', '2020-02-29T00:00:00.000Z', 1, null, '5', { a: 1 }),
  ],
  tracks: [
    track(1, 1, 'Intro', 60, false, '2024-01-01T00:30:00.000Z'),
    track(2, 1, 'Song', 200, null, '2024-01-01T13:00:00.000Z'),
    track(3, 1, 'Outro', 90, false, '2024-01-02T13:45:10.250Z'),
    track(4, 2, 'Song', 180, true, '2024-12-30T08:00:00.000Z'),
    track(5, 3, 'Intro', 30, null, '2024-12-31T23:59:59.999Z'),
    track(6, 5, 'Long', 600, true, '2025-01-01T00:00:00.000Z'),
    track(7, 5, 'Short', 20, false, '2025-01-05T13:00:00.000Z'),
    track(8, 6, 'Song', 200, false, '2025-01-06T06:30:30.500Z'),
  ],
};

function album(
  id: number,
  artist: number | null,
  title: string,
  released: string | null,
  rating: number | null,
  mood: string | null,
  plays: string,
  extra: unknown,
): Record<string, unknown> {
  const code = `abcdef00-0000-4000-8000-00000000000${id}`;
  return { id, artist_id: artist, title, released, rating, mood, plays, code, extra };
}

function track(
  id: number,
  albumId: number,
  name: string,
  seconds: number,
  explicit: boolean | null,
  added: string,
): Record<string, unknown> {
  return { id, album_id: albumId, name, seconds, explicit, added };
}

/** What the verbs below change: statements with `?` placeholders inside the open transaction. */
export interface FixtureTransaction {
  run(sql: string, parameters: readonly unknown[]): Promise<void>;
  /** The row in wire form, as a repository would give it. */
  row(collection: string, id: number): Promise<Record<string, unknown> | undefined>;
}

const within = ({ tx }: VerbContext): FixtureTransaction => tx as unknown as FixtureTransaction;

const VERBS: readonly Verb[] = [
  {
    name: 'rate_album',
    kind: 'procedure',
    description: 'Sets the rating of an album; null clears it.',
    arguments: [field('id', scalar('int32')), field('rating', nullable(scalar('float64')))],
    result: objectOf('album'),
    role: 'operator',
    run: async ({ id, rating }, context) => {
      await within(context).run('update albums set rating = ? where id = ?', [rating, id]);
      return found(await within(context).row('albums', id as number), id);
    },
  },
  {
    name: 'move_tracks',
    kind: 'procedure',
    description: 'Moves all tracks of an album to another one and returns the albums in that order.',
    arguments: [field('from', scalar('int32')), field('to', scalar('int32'))],
    result: listOf(objectOf('album')),
    role: 'operator',
    run: async ({ from, to }, context) => {
      if (from === to) throw conflict('SAME_ALBUM', 'The album is moved to itself.', { path: 'to' });
      await within(context).run('update tracks set album_id = ? where album_id = ?', [to, from]);
      const albums = [
        await within(context).row('albums', from as number),
        await within(context).row('albums', to as number),
      ];
      return albums.map((row) => found(row, from));
    },
  },
  {
    name: 'who_acts',
    kind: 'procedure',
    description: 'Returns the name that would be recorded as the acting person.',
    arguments: [],
    result: scalar('string'),
    role: 'viewer',
    run: async (_args, { actor }) => `${actor.name} over ${actor.surface}`,
  },
  {
    name: 'close_store',
    kind: 'procedure',
    description: 'Is never allowed.',
    arguments: [],
    result: scalar('boolean'),
    role: 'viewer',
    run: async () => {
      throw forbidden('NEVER', 'The store never closes.');
    },
  },
  {
    name: 'double',
    kind: 'function',
    description: 'Twice a number.',
    arguments: [field('number', scalar('int32'))],
    result: scalar('int32'),
    role: 'viewer',
    run: async ({ number }) => 2 * (number as number),
  },
  {
    name: 'artist_summary',
    kind: 'function',
    description: 'An artist, how many albums there are of it, and its moods.',
    arguments: [field('id', scalar('int32')), field('mood', nullable(oneOf(MOODS)))],
    result: nullable(objectOf('artist_summary_result')),
    role: 'viewer',
    run: async ({ id, mood }, context) => {
      const artist = await within(context).row('artists', id as number);
      if (!artist) return null;
      return {
        artist,
        artist_id: id,
        moods: mood === null ? [...MOODS] : [mood],
        notes: [
          { text: 'one', weight: 2 },
          { text: 'two', weight: 1 },
        ],
      };
    },
  },
];

export const VERB_TABLE: VerbTable = {
  verbs: new Map(VERBS.map((verb) => [verb.name, verb])),
  objects: [
    {
      name: 'artist_summary_result',
      description: 'What is known of an artist.',
      fields: [
        field('artist', objectOf('artist')),
        field('artist_id', scalar('int32')),
        field('moods', listOf(oneOf(MOODS))),
        field('notes', listOf(objectOf('note'))),
      ],
    },
    {
      name: 'note',
      description: 'A remark.',
      fields: [field('text', scalar('string')), field('weight', scalar('int32'))],
    },
  ],
};

function found<T>(row: T | undefined, id: unknown): T {
  if (row === undefined) throw notFound('UNKNOWN_ALBUM', `There is no album ${String(id)}.`, { path: 'id' });
  return row;
}
