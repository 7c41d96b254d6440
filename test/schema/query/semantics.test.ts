import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AggregateForm, PredicateForm, QueryForm, RowSet } from '../../../schema/query/form.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import type { Tables } from '../../../schema/query/query-engine.ts';
import { runQuery } from '../../../schema/query/run-query.ts';
import { and, columns, compare, literal, not, or, request, target } from '../../support/query-builders.ts';
import { openMariadb, openPostgres, openSqlite } from '../../support/query-databases.ts';
import type { FixtureDatabase } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureUuid } from '../../support/query-fixture.ts';

const artist = (id: number, name: string, more: object = {}): Record<string, unknown> => ({
  id,
  name,
  external_id: fixtureUuid(id),
  status: 'open',
  ...more,
});
const album = (n: number, artist_id: number | null, title: string, more: object = {}): Record<string, unknown> => ({
  id: fixtureUuid(n),
  artist_id,
  title,
  ...more,
});

/** Nested, and a pattern. */
const city = (name: string): object => ({ city: name });

const tables: Tables = new Map([
  [
    'artists',
    [
      artist(1, 'abba', {
        country: 'se',
        rating: 2.5,
        plays: '9007199254740993',
        tags: ['a', 'B'],
        active: true,
        address: city('A%'),
      }),
      artist(2, 'ABBA', {
        country: null,
        rating: null,
        plays: '9007199254740992',
        tags: [],
        active: false,
        address: city('AB_A'),
      }),
      artist(3, 'a ', {
        country: 'de',
        rating: 1,
        tags: null,
        founded: '2024-02-29T12:34:56.789Z',
        address: city('a\\'),
      }),
      artist(4, 'a', { country: 'de', rating: 4, members: [{ name: 'x', age: null, artist_id: 1, roles: ['bass'] }] }),
    ],
  ],
  [
    'albums',
    [
      album(11, 1, 'one', { price: 10, year: 1990 }),
      album(12, 1, 'two', { price: 20.5, year: 1991 }),
      album(13, 1, 'three', { year: 1993 }),
      album(14, 4, 'a', { price: 1, year: 1991 }),
      album(15, null, 'lost'),
    ],
  ],
  ['tracks', []],
]);

const COUNT = new Map([['n', { kind: 'star-count' }]] as const);

const engine = createQueryEngine(fixtureCatalogue);
const mariadbUrl = process.env['TEST_MARIADB_URL'];
const DATABASES: Record<string, () => Promise<FixtureDatabase>> = {
  SQLite: () => openSqlite(tables),
  PostgreSQL: () => openPostgres(inject('postgresUrl'), tables),
  ...(mariadbUrl ? { MariaDB: () => openMariadb(mariadbUrl, tables) } : {}),
};

describe.each(Object.keys(DATABASES))('a query on %s', (name) => {
  let database: FixtureDatabase;

  beforeAll(async () => {
    database = await (DATABASES[name] as () => Promise<FixtureDatabase>)();
  });
  afterAll(() => database?.close());

  const answer = async (collection: string, query: QueryForm): Promise<RowSet> => {
    const [set] = await runQuery(engine, database.runner, request(collection, query));
    return set as RowSet;
  };
  const ids = async (predicate: PredicateForm): Promise<unknown[]> => {
    const { rows } = await answer('artists', { fields: columns('id'), predicate });
    return (rows ?? []).map((row) => row['id']);
  };

  it.each<[string, PredicateForm, number[]]>([
    ['an empty `and` is true', and(), [1, 2, 3, 4]],
    ['an empty `or` is false', or(), []],
    ['equality is exact in case and trailing spaces', compare('name', '_eq', 'a'), [4]],
    ['equality of 64-bit numbers is exact', compare('plays', '_eq', '9007199254740993'), [1]],
    ['an empty list has no member', compare('name', '_in', []), []],
    ['nulls in a list are no members', compare('country', '_in', [null, 'se']), [1]],
    ['a comparison with a null literal is false', compare('country', '_eq', null), []],
    ['its negation is true', not(compare('country', '_eq', null)), [1, 2, 3, 4]],
    ['negation is two-valued', not(compare('country', '_eq', 'de')), [1, 2]],
    ['a null differs from nothing', compare('country', '_neq', 'de'), [1]],
    ['a null is outside no list', compare('country', '_nin', []), [1, 3, 4]],
    ['ordering a null is false', compare('rating', '_lt', 100), [1, 3, 4]],
    ['wildcards are literal in _contains', compare('name', '_contains', '%'), []],
    ['_like minds case', compare('name', '_like', 'a%'), [1, 3, 4]],
    ['a backslash takes any character literally', compare('name', '_like', '\\abb\\a'), [1]],
    ['_ilike does not', compare('name', '_ilike', 'AB_A'), [1, 2]],
    ['timestamps compare across offsets', compare('founded', '_eq', '2024-02-29T13:34:56.789+01:00'), [3]],
    ['uuids compare in any case', compare('external_id', '_eq', fixtureUuid(2).toUpperCase()), [2]],
    ['a null list is not empty', { kind: 'array-is-empty', target: target('tags') }, [2]],
    ['a list contains its element', { kind: 'array-contains', target: target('tags'), value: literal('B') }, [1]],
    [
      'exists without predicate asks for a row',
      { kind: 'exists', in: { kind: 'unrelated', collection: 'tracks' } },
      [],
    ],
    ['a null key meets nothing', { kind: 'exists', in: { kind: 'related', relationship: 'albums' } }, [1, 4]],
    [
      'a value at the end of a path is existential',
      {
        kind: 'compare',
        target: target('name'),
        operator: '_eq',
        value: { kind: 'column', column: 'title', path: [{ relationship: 'albums' }] },
      },
      [4],
    ],
    ...(
      [
        ['_like', [2]],
        ['_nlike', [1, 3]],
        ['_ilike', [1, 2]],
        ['_nilike', [3]],
      ] as const
    ).map(([operator, expected]): [string, PredicateForm, number[]] => [
      `a pattern of ${operator} comes from a column, even one that ends in a lone escape character`,
      {
        kind: 'compare',
        target: target('name'),
        operator,
        value: { kind: 'column', column: 'address', fieldPath: ['city'] },
      },
      [...expected],
    ]),
    [
      'aggregates of related rows are compared, sums over none are 0',
      compare(
        {
          kind: 'aggregate',
          path: [{ relationship: 'albums' }],
          aggregate: { kind: 'function', function: 'sum', column: 'price' },
        },
        '_eq',
        0,
      ),
      [2, 3],
    ],
  ])('%s', async (_sentence, predicate, expected) => {
    expect(await ids(predicate)).toEqual(expected);
  });

  it('compares medians and deviations of related rows', async () => {
    const path = [{ relationship: 'albums' }];
    const median = { kind: 'function', function: 'median', column: 'price' } as const;
    const p95 = { kind: 'function', function: 'p95', column: 'price' } as const;
    const stddev = { kind: 'function', function: 'stddev', column: 'year' } as const;
    expect(await ids(compare({ kind: 'aggregate', path, aggregate: median }, '_eq', 15.25))).toEqual([1]);
    expect(await ids(compare({ kind: 'aggregate', path, aggregate: p95 }, '_gt', 19.974))).toEqual([1]);
    expect(await ids(compare({ kind: 'aggregate', path, aggregate: p95 }, '_lt', 19.976))).toEqual([1, 4]);
    expect(await ids(compare({ kind: 'aggregate', path, aggregate: stddev }, '_gt', 1.5))).toEqual([1]);
  });

  it('takes a disjunction of 3,000 comparisons', async () => {
    expect(await ids(or(...Array.from({ length: 3_000 }, (_, i) => compare('id', '_eq', i + 3))))).toEqual([3, 4]);
  });

  it('sorts null below any value and ties by the primary key', async () => {
    const sorted = async (direction: 'asc' | 'desc'): Promise<unknown[]> => {
      const orderBy = [{ direction, target: target('country') }];
      const { rows } = await answer('artists', { fields: columns('id'), orderBy });
      return (rows ?? []).map((row) => row['id']);
    };
    expect(await sorted('asc')).toEqual([2, 3, 4, 1]);
    expect(await sorted('desc')).toEqual([1, 3, 4, 2]);
  });

  it('sorts by the first of two directions of one column or dimension', async () => {
    const { rows, groups } = await answer('artists', {
      fields: columns('id'),
      orderBy: [
        { direction: 'desc', target: target('country') },
        { direction: 'asc', target: target('country') },
      ],
      groups: {
        dimensions: [{ column: 'country' }],
        aggregates: new Map(),
        orderBy: [
          { direction: 'desc', target: { kind: 'dimension', index: 0 } },
          { direction: 'asc', target: { kind: 'dimension', index: 0 } },
        ],
      },
    });
    expect(rows?.map((row) => row['id'])).toEqual([1, 3, 4, 2]);
    expect(groups?.map(({ dimensions }) => dimensions[0])).toEqual(['se', 'de', null]);
  });

  it('bounds aggregates and groups by the limit of the rows', async () => {
    const { aggregates, groups } = await answer('albums', {
      limit: 2,
      aggregates: new Map([['count', { kind: 'star-count' }]]),
      groups: { dimensions: [{ column: 'artist_id' }], aggregates: new Map([['count', { kind: 'star-count' }]]) },
    });
    expect(aggregates).toEqual({ count: 2 });
    expect(groups).toEqual([{ dimensions: [1], aggregates: { count: 2 } }]);
  });

  it('aggregates nothing to 0 and null, and groups nothing to no group', async () => {
    const over = (name: string) => ({ kind: 'function', function: name, column: 'year' }) as const;
    const functions = ['sum', 'avg', 'min', 'median', 'stddev'];
    const { aggregates, groups, rows } = await answer('albums', {
      predicate: or(),
      fields: new Map(),
      aggregates: new Map<string, AggregateForm>([
        ['count', { kind: 'star-count' }],
        ...functions.map((f) => [f, over(f)] as const),
      ]),
      groups: { dimensions: [], aggregates: new Map([['count', { kind: 'star-count' }]]) },
    });
    expect(aggregates).toEqual({ count: 0, sum: '0', avg: null, min: null, median: null, stddev: null });
    expect({ groups, rows }).toEqual({ groups: [], rows: [] });
  });

  it('answers one aggregate under several names', async () => {
    const over = (name: string) => ({ kind: 'function', function: name, column: 'year' }) as const;
    const { aggregates } = await answer('albums', {
      aggregates: new Map(
        ['median', 'median', 'variance', 'variance', 'p95'].map((name, i) => [`${name}${i}`, over(name)] as const),
      ),
      predicate: compare('year', '_lt', 1993),
    });
    const third = expect.closeTo(1 / 3, 9);
    expect(aggregates).toEqual({ median0: 1991, median1: 1991, variance2: third, variance3: third, p954: 1991 });
  });

  it('answers only the parts asked for, and `{}` per row for no fields', async () => {
    expect(await answer('albums', { fields: new Map(), limit: 2 })).toEqual({ rows: [{}, {}] });
    expect(await answer('albums', { aggregates: new Map() })).toEqual({ aggregates: {} });
    expect(await answer('albums', {})).toEqual({});
  });

  it('limits a relationship per parent and answers a missing one with no rows', async () => {
    const albums = {
      kind: 'relationship',
      relationship: 'albums',
      query: { fields: columns('title'), limit: 2, aggregates: COUNT },
    } as const;
    const { rows } = await answer('artists', { fields: new Map([['albums', albums]]), limit: 2 });
    expect(rows).toEqual([
      { albums: { rows: [{ title: 'one' }, { title: 'two' }], aggregates: { n: 2 } } },
      { albums: { rows: [], aggregates: { n: 0 } } },
    ]);
  });

  it('gives one answer per variable set, equal sets included, and none for no set', async () => {
    const query: QueryForm = {
      fields: columns('id'),
      predicate: { kind: 'compare', target: target('name'), operator: '_like', value: { kind: 'variable', name: 'p' } },
    };
    const sets = [{ p: 'a%' }, { p: 'A%' }, { p: 'a%' }, { p: null }];
    const answers = await runQuery(engine, database.runner, request('artists', query, sets));
    expect(answers.map(({ rows }) => rows?.length)).toEqual([3, 1, 3, 0]);
    expect(await runQuery(engine, database.runner, request('artists', query, []))).toEqual([]);
  });

  it('gives every value in wire form', async () => {
    const { rows } = await answer('artists', {
      fields: columns('plays', 'founded', 'active', 'external_id', 'rating', 'members'),
      predicate: compare('id', '_in', [3, 4, 1]),
    });
    expect(rows).toEqual([
      {
        plays: '9007199254740993',
        founded: null,
        active: true,
        external_id: fixtureUuid(1),
        rating: 2.5,
        members: null,
      },
      {
        plays: null,
        founded: '2024-02-29T12:34:56.789Z',
        active: null,
        external_id: fixtureUuid(3),
        rating: 1,
        members: null,
      },
      {
        plays: null,
        founded: null,
        active: null,
        external_id: fixtureUuid(4),
        rating: 4,
        members: [{ name: 'x', age: null, artist_id: 1, roles: ['bass'] }],
      },
    ]);
  });

  it('follows a relationship out of a list of objects', async () => {
    const artist = { kind: 'relationship', relationship: 'member_artist', query: { fields: columns('name') } } as const;
    const members = {
      kind: 'column',
      column: 'members',
      fields: { kind: 'collection', query: { fields: new Map([['artist', artist]]), limit: 1 } },
    } as const;
    const { rows } = await answer('artists', {
      fields: new Map([['members', members]]),
      predicate: compare('id', '_eq', 4),
    });
    expect(rows).toEqual([{ members: { rows: [{ artist: { rows: [{ name: 'abba' }] } }] } }]);
  });
});
