import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../../support/ndc-database.ts';
import type { NdcDatabase } from '../../support/ndc-database.ts';
import { type GraphqlServer, startGraphql } from '../../support/graphql-server.ts';
import { CATALOGUE } from '../../support/ndc-fixture.ts';

let database: NdcDatabase;
let server: GraphqlServer;

beforeAll(async () => {
  database = await openSqlite(CATALOGUE);
  server = await startGraphql(database);
});

afterAll(async () => {
  await server.close();
  await database.close();
});

/** The data of an answer without errors. */
async function dataOf(query: string, variables?: Record<string, unknown>): Promise<unknown> {
  const { errors, data } = await server.ask(query, variables);
  expect(errors).toEqual([]);
  return data;
}

describe('a list', () => {
  it('selects columns of every kind in their wire form', async () => {
    expect(await dataOf('{ albums(limit: 1) { id title released rating mood plays code extra } }')).toEqual({
      albums: [
        {
          id: 1,
          title: 'First',
          released: '2001-03-04T05:06:07.890Z',
          rating: 4.5,
          mood: 'calm',
          plays: '9007199254740993',
          code: 'abcdef00-0000-4000-8000-000000000001',
          extra: { a: 1 },
        },
      ],
    });
  });

  it('selects inside columns that hold objects and lists', async () => {
    expect(await dataOf('{ artistsById(id: 1) { label { town: city } genres awards { year } } }')).toEqual({
      artistsById: { label: { town: 'Oslo' }, genres: ['rock', 'pop'], awards: [{ year: 2001 }, { year: 2005 }] },
    });
    expect(await dataOf('{ artistsById(id: 3) { label { city } genres awards { year } } }')).toEqual({
      artistsById: { label: null, genres: null, awards: null },
    });
  });

  it.each([
    ['a comparison', '{ rating: { _gte: 3 } }', [1, 2, 5]],
    ['several fields, all of which hold', '{ rating: { _gte: 3 }, mood: { _eq: "wild" } }', [2, 5]],
    ['several operators of one field', '{ rating: { _gt: 1, _lt: 4.5 } }', [2, 4]],
    ['a list', '{ title: { _in: ["First", "Fifth"] } }', [1, 3, 5]],
    ['text patterns', '{ title: { _ilike: "%F%TH" } }', [5]],
    ['null', '{ rating: { _is_null: true } }', [3]],
    ['not null', '{ released: { _is_null: false } }', [1, 2, 3, 5, 6]],
    ['null of JSON', '{ extra: { _is_null: false } }', [1, 3, 5, 6]],
    ['time', '{ released: { _lt: "2003-12-31T23:59:59.999Z" } }', [1, 3]],
    ['a big number as literal', '{ plays: { _eq: 9007199254740993 } }', [1]],
    ['a big number as text', '{ plays: { _gt: "9007199254740992" } }', [1]],
    ['a UUID in any case', '{ code: { _eq: "ABCDEF00-0000-4000-8000-000000000004" } }', [4]],
    ['_or', '{ _or: [{ id: { _eq: 1 } }, { mood: { _eq: "wild" } }] }', [1, 2, 5]],
    ['_not', '{ _not: { _and: [{ id: { _gt: 1 } }, { id: { _lt: 6 } }] } }', [1, 6]],
    ['an object relation', '{ artist: { country: { _eq: "FI" } } }', [1, 2, 5]],
    ['an array relation: one row is enough', '{ tracks: { seconds: { _gt: 150 } } }', [1, 2, 5, 6]],
    ['the absence of a relation', '{ _not: { tracks: {} } }', [4]],
    ['nothing in particular', '{}', [1, 2, 3, 4, 5, 6]],
  ])('filters by %s', async (_title, where, ids) => {
    expect(await dataOf(`{ albums(where: ${where}, orderBy: [{ id: asc }]) { id } }`)).toEqual({
      albums: ids.map((id) => ({ id })),
    });
  });

  it.each([
    ['an element', '{ genres: { _contains: "rock" } }', [1, 4, 5]],
    ['no element', '{ genres: { _is_empty: true } }', [2]],
    ['an element, or null', '{ genres: { _is_empty: false } }', [1, 3, 4, 5]],
    ['null of a list', '{ genres: { _is_null: true } }', [3]],
    ['null of an object', '{ label: { _is_null: true } }', [3, 5]],
    ['no element of a list of objects', '{ awards: { _is_empty: true } }', [2, 5]],
  ])('filters composites by %s', async (_title, where, ids) => {
    expect(await dataOf(`{ artists(where: ${where}, orderBy: [{ id: asc }]) { id } }`)).toEqual({
      artists: ids.map((id) => ({ id })),
    });
  });

  it.each([
    ['a column', '[{ title: asc }, { id: desc }]', [5, 3, 1, 6, 2, 4]],
    ['a column of a related row, nulls first', '[{ artist: { name: asc } }, { id: asc }]', [6, 1, 2, 5, 3, 4]],
    ['the number of related rows', '[{ tracksAggregate: { count: desc } }, { id: asc }]', [1, 5, 2, 3, 6, 4]],
    [
      'the number of rows related to a related row',
      '[{ artist: { albumsAggregate: { count: desc } } }, { id: asc }]',
      null,
    ],
  ])('orders by %s', async (_title, orderBy, ids) => {
    const data = (await dataOf(`{ albums(orderBy: ${orderBy}) { id } }`)) as { albums: { id: number }[] };
    if (ids) expect(data.albums.map(({ id }) => id)).toEqual(ids);
    else expect(data.albums.map(({ id }) => id).slice(0, 4)).toEqual([1, 2, 3, 4]);
  });

  it('pages', async () => {
    expect(await dataOf('{ albums(orderBy: [{ id: desc }], limit: 2, offset: 1) { id } }')).toEqual({
      albums: [{ id: 5 }, { id: 4 }],
    });
  });

  it('takes its arguments from variables', async () => {
    const query = `query Q($where: AlbumFilter, $order: [AlbumOrder!], $limit: Int) {
      albums(where: $where, orderBy: $order, limit: $limit) { id } }`;
    const variables = { where: { tracks: { name: { _eq: 'Song' } } }, order: [{ id: 'desc' }], limit: 2 };
    expect(await dataOf(query, variables)).toEqual({ albums: [{ id: 6 }, { id: 2 }] });
    expect(await dataOf(query, { order: null, where: null })).toMatchObject({ albums: { length: 6 } });
  });
});

describe('relations', () => {
  it('go both ways, each with its own arguments', async () => {
    const query = `{ artists(where: { id: { _in: [1, 3] } }, orderBy: [{ id: asc }]) {
      name
      albums(orderBy: [{ id: desc }]) { title artist { name } tracks(limit: 1, offset: 1, orderBy: [{ id: asc }]) { name } }
    } }`;
    expect(await dataOf(query)).toEqual({
      artists: [
        {
          name: 'Alpha',
          albums: [
            { title: 'Second', artist: { name: 'Alpha' }, tracks: [] },
            { title: 'First', artist: { name: 'Alpha' }, tracks: [{ name: 'Song' }] },
          ],
        },
        { name: 'Gamma 100%', albums: [] },
      ],
    });
  });

  it('are null where no row is related', async () => {
    expect(await dataOf('{ albumsById(id: 6) { artist { name } } }')).toEqual({ albumsById: { artist: null } });
  });

  it('cost a statement per level, whatever the number of rows', async () => {
    await dataOf('{ artists { name albums { title tracks { name } } } }');
    expect(server.statements).toHaveLength(3);
    await dataOf('{ artists(limit: 1) { name albums(limit: 1) { title tracks(limit: 1) { name } } } }');
    expect(server.statements).toHaveLength(3);
  });

  it('can be asked for twice under aliases, with other arguments', async () => {
    const query = `{ artistsById(id: 1) {
      best: albums(where: { rating: { _gt: 4 } }) { t: title }
      rest: albums(where: { rating: { _lte: 4 } }) { t: title id }
    } }`;
    expect(await dataOf(query)).toEqual({
      artistsById: { best: [{ t: 'First' }], rest: [{ t: 'Second', id: 2 }] },
    });
  });
});

describe('the selection', () => {
  it('may come in fragments, repeat itself and be conditional', async () => {
    const query = `query Q($more: Boolean!) {
      albumsById(id: 1) { ...Basics ... on Album { id artist { id } } title @skip(if: $more) plays @include(if: $more) __typename }
    }
    fragment Basics on Album { id artist { name ...Where } }
    fragment Where on Artist { country }`;
    const artist = { id: 1, name: 'Alpha', country: 'FI' };
    expect(await dataOf(query, { more: true })).toEqual({
      albumsById: { id: 1, artist, plays: '9007199254740993', __typename: 'Album' },
    });
    expect(await dataOf(query, { more: false })).toEqual({
      albumsById: { id: 1, artist, title: 'First', __typename: 'Album' },
    });
  });

  it('may be of the type name only', async () => {
    expect(await dataOf('{ artists(limit: 2) { __typename } }')).toEqual({
      artists: [{ __typename: 'Artist' }, { __typename: 'Artist' }],
    });
  });

  it('may name a field like a property of every object', async () => {
    expect(await dataOf('{ albumsById(id: 1) { constructor: id toString: title } }')).toEqual({
      albumsById: { constructor: 1, toString: 'First' },
    });
  });

  it('runs one query per root field', async () => {
    await dataOf('{ a: artistsById(id: 1) { name } b: artistsById(id: 2) { name } }');
    expect(server.statements).toHaveLength(2);
  });
});

describe('aggregates', () => {
  it('of a list', async () => {
    const query = `{ albumsAggregate(where: { artistId: { _is_null: false } }) {
      n: count countDistinct { title mood } sum { plays rating } avg { r: rating } min { released title } max { id }
    } }`;
    expect(await dataOf(query)).toEqual({
      albumsAggregate: {
        n: 5,
        countDistinct: { title: 4, mood: 2 },
        sum: { plays: '9007199254741038', rating: 14.5 },
        avg: { r: 3.625 },
        min: { released: '2001-03-04T05:06:07.890Z', title: 'Fifth' },
        max: { id: 5 },
      },
    });
  });

  it('of no rows', async () => {
    expect(
      await dataOf('{ albumsAggregate(where: { id: { _lt: 0 } }) { count avg { rating } sum { plays } } }'),
    ).toEqual({
      albumsAggregate: { count: 0, avg: { rating: null }, sum: { plays: '0' } },
    });
  });

  it('of related rows, under aliases', async () => {
    const query = `{ artists(where: { id: { _lte: 2 } }, orderBy: [{ id: asc }]) {
      albumsAggregate { count }
      good: albumsAggregate(where: { rating: { _gt: 3 } }) { count max { rating } }
    } }`;
    expect(await dataOf(query)).toEqual({
      artists: [
        { albumsAggregate: { count: 2 }, good: { count: 1, max: { rating: 4.5 } } },
        { albumsAggregate: { count: 2 }, good: { count: 0, max: { rating: null } } },
      ],
    });
  });
});

describe('a look-up by key', () => {
  it('answers the row, or null', async () => {
    expect(await dataOf('{ a: tracksById(id: 6) { name album { title } } b: tracksById(id: 99) { name } }')).toEqual({
      a: { name: 'Long', album: { title: 'Fifth' } },
      b: null,
    });
  });
});

describe('the schema', () => {
  it('says what every field is, with units and closed sets', () => {
    expect(server.schemaText).toMatch(/^ {2}albumsById\(id: Int!\): Album$/m);
    expect(server.schemaText).toMatch(/"""The mood\. One of calm, wild\."""\n {2}mood: String/);
    expect(server.schemaText).toContain('For the role operator.');
  });
});
