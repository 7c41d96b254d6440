import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DialectName } from '../../schema/catalogue.ts';
import { NDC_DIALECTS, type NdcServer, startNdcServer } from '../support/ndc-server.ts';

const column = (name: string): object => ({ type: 'column', column: name });
const queryOf = (collection: string, query: object, extra: object = {}): object => ({
  collection,
  arguments: {},
  collection_relationships: {},
  query,
  ...extra,
});
const artists = (query: object, extra: object = {}): object => queryOf('artists', query, extra);
const where = (name: string, operator: string, value: unknown): object => ({
  fields: { id: column('id') },
  predicate: {
    type: 'binary_comparison_operator',
    column: { type: 'column', name },
    operator,
    value: { type: 'scalar', value },
  },
});
const rate = (id: unknown, rating: unknown, more: object = {}): object => ({
  type: 'procedure',
  name: 'rate_album',
  arguments: { id, rating, ...more },
});
const mutationOf = (...operations: object[]): object => ({ operations, collection_relationships: {} });
const callOf = (name: string, args: object): object => ({ type: 'procedure', name, arguments: args });

/** A word that every plan of the database has. */
const PLAN: Record<DialectName, RegExp> = {
  sqlite: /scan|search/i,
  postgresql: /scan/i,
  mariadb: /^1 (simple|primary) /i,
};

describe.each(NDC_DIALECTS)('on %s', (dialect) => {
  let server: NdcServer;
  beforeAll(async () => {
    server = await startNdcServer(dialect, inject('postgresUrl'));
  });
  afterAll(() => server.close());

  const ratingOf = async (id: number): Promise<unknown> => {
    const { json } = await server.post(
      '/query',
      queryOf('albums', { ...where('id', '_eq', id), fields: { rating: column('rating') } }),
    );
    return (json as { rows: { rating: unknown }[] }[])[0]?.rows[0]?.rating;
  };

  it.each<[string, object, number, string]>([
    ['an unknown collection', queryOf('bands', {}), 400, 'collection'],
    ['an unknown column', artists({ fields: { x: column('surname') } }), 400, 'query.fields.x'],
    ['an unknown operator', artists(where('id', '_almost', 1)), 400, 'query.predicate'],
    ['an operator of another type', artists(where('id', '_like', '1%')), 400, 'query.predicate'],
    [
      'an unknown relationship',
      artists({ fields: { a: { type: 'relationship', relationship: 'fans', arguments: {}, query: {} } } }),
      400,
      'query.fields.a',
    ],
    [
      'an unknown aggregate function',
      artists({ aggregates: { a: { type: 'single_column', column: 'id', function: 'mode' } } }),
      400,
      'query.aggregates.a',
    ],
    [
      'a dimension that is not there',
      artists({
        groups: {
          dimensions: [],
          aggregates: {},
          order_by: { elements: [{ order_direction: 'asc', target: { type: 'dimension', index: 3 } }] },
        },
      }),
      400,
      'query.groups.order_by',
    ],
    ['a list that is no list', artists(where('id', '_in', 5)), 400, 'query.predicate'],
    ['a number as text', artists(where('id', '_eq', '1')), 422, 'query.predicate'],
    [
      'an arguments of a collection',
      artists({}, { arguments: { x: { type: 'literal', value: 1 } } }),
      400,
      'arguments.x',
    ],
    [
      'a missing variable',
      artists(
        {
          predicate: {
            type: 'binary_comparison_operator',
            column: { type: 'column', name: 'id' },
            operator: '_eq',
            value: { type: 'variable', name: 'v' },
          },
        },
        { variables: [{}] },
      ),
      400,
      'query.predicate',
    ],
    [
      'a scope that is not open',
      artists({
        predicate: {
          type: 'binary_comparison_operator',
          column: { type: 'column', name: 'id' },
          operator: '_eq',
          value: { type: 'column', name: 'id', path: [], scope: 1 },
        },
      }),
      400,
      'query.predicate',
    ],
    ['a row type by its name', queryOf('artist', {}), 400, 'collection'],
    ['a name of every object', queryOf('constructor', {}), 400, 'collection'],
    ['a column of every object', artists({ fields: { x: column('__proto__') } }), 400, 'query.fields.x'],
  ])('%s is refused with its place', async (_name, request, status, place) => {
    const answer = await server.post('/query', request);
    expect(answer.status, answer.text).toBe(status);
    const { message, details } = answer.json as { message: string; details: { path: string; code: string } };
    expect(details.path).toMatch(new RegExp(`^${place.replaceAll('.', '\\.')}`));
    expect(details.code).toEqual(expect.any(String));
    expect(message).not.toMatch(/select |SQLITE|syntax error/i);
  });

  it('a predicate of 10,000 levels is refused, and the process lives', async () => {
    const deep = `${'{"type":"not","expression":'.repeat(10_000)}{"type":"and","expressions":[]}${'}'.repeat(10_000)}`;
    const body = JSON.stringify(artists({ predicate: 'HERE' })).replace('"HERE"', deep);
    expect(await server.post('/query', body)).toMatchObject({
      status: 400,
      json: { details: { code: 'BODY_TOO_DEEP' } },
    });
    expect((await server.post('/query', artists({ limit: 1 }))).status).toBe(200);
  });

  it('a predicate of 50,000 comparisons is refused by the limit of the engine', async () => {
    const { predicate } = where('id', '_eq', 1) as { predicate: object };
    const expressions = Array.from({ length: 50_000 }, () => predicate);
    const answer = await server.post('/query', artists({ predicate: { type: 'or', expressions } }));
    expect(answer).toMatchObject({ status: 422, json: { message: expect.stringContaining('10000') } });
  });

  describe('a mutation', () => {
    it('undoes all of its operations when one fails', async () => {
      const before = await ratingOf(2);
      const answer = await server.post('/mutation', mutationOf(rate(2, 0.5), rate(99, 1)));
      expect(answer).toMatchObject({
        status: 422,
        json: {
          message: 'There is no album 99.',
          details: { path: 'operations[1].arguments.id', code: 'UNKNOWN_ALBUM' },
        },
      });
      expect(await ratingOf(2)).toBe(before);
    });

    it('runs nothing when a later operation can be seen to be wrong', async () => {
      const before = await ratingOf(2);
      const answer = await server.post('/mutation', mutationOf(rate(2, 0.5), rate(3, 'five')));
      expect(answer).toMatchObject({ status: 422, json: { details: { path: 'operations[1].arguments.rating' } } });
      expect(await ratingOf(2)).toBe(before);
    });

    it('undoes the change when what was selected of the result is wrong', async () => {
      const before = await ratingOf(2);
      const fields = { type: 'object', fields: { x: column('nothing') } };
      const answer = await server.post('/mutation', mutationOf({ ...rate(2, 0.5), fields }));
      expect(answer).toMatchObject({
        status: 400,
        json: { details: { path: 'operations[0].fields.fields.x.column' } },
      });
      expect(await ratingOf(2)).toBe(before);
    });

    it.each<[string, object, number, string]>([
      ['an unknown procedure', mutationOf(callOf('drop_album', {})), 400, 'operations[0].name'],
      ['a function', mutationOf(callOf('double', { number: 1 })), 400, 'operations[0].name'],
      [
        'another kind of operation',
        { operations: [{ type: 'insert' }], collection_relationships: {} },
        400,
        'operations[0].type',
      ],
      ['an unknown argument', mutationOf(rate(1, 1, { colour: 'red' })), 400, 'operations[0].arguments.colour'],
      ['a missing argument', mutationOf(callOf('rate_album', { rating: 1 })), 422, 'operations[0].arguments.id'],
      ['a null argument', mutationOf(rate(null, 1)), 422, 'operations[0].arguments.id'],
      ['a conflict', mutationOf(callOf('move_tracks', { from: 1, to: 1 })), 409, 'operations[0].arguments.to'],
      [
        'no arguments',
        { operations: [{ type: 'procedure', name: 'who_acts' }], collection_relationships: {} },
        400,
        'operations[0]',
      ],
    ])('refuses %s with its place', async (_name, request, status, path) => {
      const answer = await server.post('/mutation', request);
      expect(answer.status, answer.text).toBe(status);
      expect(answer.json).toMatchObject({ details: { path } });
    });

    it('is forbidden by the verb, not by the surface', async () => {
      const answer = await server.post('/mutation', mutationOf(callOf('close_store', {})));
      expect(answer).toMatchObject({
        status: 403,
        json: { message: 'The store never closes.', details: { code: 'NEVER' } },
      });
    });
  });

  describe('explain', () => {
    it('shows statements, the shapes of their parameters and the plan of the database', async () => {
      const { predicate } = where('name', '_eq', 'very secret name') as { predicate: object };
      const relationship = {
        column_mapping: { id: ['artist_id'] },
        relationship_type: 'array',
        target_collection: 'albums',
        arguments: {},
      };
      const request = artists(
        {
          fields: {
            id: column('id'),
            albums: {
              type: 'relationship',
              relationship: 'albums',
              arguments: {},
              query: { fields: { id: column('id') } },
            },
          },
          aggregates: { n: { type: 'star_count' } },
          predicate,
        },
        { collection_relationships: { albums: relationship } },
      );
      const answer = await server.post('/query/explain', request);
      expect(answer.status, answer.text).toBe(200);
      const { details } = answer.json as { details: Record<string, string> };
      expect(details['statements']).toBe('3');
      for (const part of ['rows', 'aggregates', 'rows.albums.rows']) {
        expect(Object.keys(details)).toEqual(
          expect.arrayContaining([`${part}: SQL`, `${part}: parameters`, `${part}: plan`]),
        );
        expect(details[`${part}: SQL`]).toMatch(/^select/);
        expect(details[`${part}: plan`]).toMatch(PLAN[dialect]);
      }
      // PostgreSQL writes operands into its plans; what is ours doesn't show them.
      const ours = Object.entries(details).filter(([key]) => !key.endsWith(': plan'));
      expect(JSON.stringify(ours)).not.toContain('very secret name');
    });

    it('plans nothing for an empty list of variable sets', async () => {
      const answer = await server.post('/query/explain', artists({ fields: { id: column('id') } }, { variables: [] }));
      const { details } = answer.json as { details: Record<string, string> };
      expect(details['rows: SQL']).toMatch(/^select/);
      expect(details).not.toHaveProperty('rows: plan');
    });

    it('refuses what the query would be refused for', async () => {
      const answer = await server.post('/query/explain', artists({ fields: { x: column('surname') } }));
      expect(answer).toMatchObject({
        status: 400,
        json: { details: { path: expect.stringMatching(/^query\.fields\.x/) } },
      });
    });

    const RELATIONS = {
      albums: {
        target_collection: 'albums',
        column_mapping: { artist_id: ['artist_id'] },
        relationship_type: 'array',
        arguments: {},
      },
      tracks: {
        target_collection: 'tracks',
        column_mapping: { id: ['album_id'] },
        relationship_type: 'array',
        arguments: {},
      },
    };
    const related = (relationship: string, name: string): object => ({
      type: 'relationship',
      relationship,
      arguments: {},
      query: { fields: { x: column(name) } },
    });
    const summary = (args: object, name = 'title', variables?: object[]): object =>
      queryOf(
        'artist_summary',
        {
          fields: {
            __value: { ...column('__value'), fields: { type: 'object', fields: { of: related('albums', name) } } },
          },
        },
        { arguments: args, collection_relationships: RELATIONS, ...(variables && { variables }) },
      );

    it('tells what a function is and what its relationships read, without calling it', async () => {
      const answer = await server.post('/query/explain', summary({ id: { type: 'literal', value: 1 } }));
      expect(answer).toMatchObject({
        status: 200,
        json: {
          details: {
            statements: '1',
            'function artist_summary': expect.stringContaining('An artist'),
            'rows.__value.rows.of.rows: SQL': expect.stringMatching(/^select/),
            'rows.__value.rows.of.rows: plan': expect.stringMatching(PLAN[dialect]),
          },
        },
      });
    });

    it.each<[string, object, number, string]>([
      ['an unknown argument', summary({ nobody: { type: 'literal', value: 1 } }), 400, 'arguments.nobody'],
      ['an argument of another type', summary({ id: { type: 'literal', value: 'x' } }), 422, 'arguments.id'],
      [
        'an argument of another type in a variable set',
        summary({ id: { type: 'variable', name: 'v' } }, 'title', [{ v: 1 }, { v: 'x' }]),
        422,
        'arguments.id',
      ],
      ['an unknown column', summary({ id: { type: 'literal', value: 1 } }, 'surname'), 400, 'query.fields.__value'],
    ])('refuses %s of a function as its query does', async (_what, request, status, path) => {
      const explained = await server.post('/query/explain', request);
      expect(explained).toMatchObject({ status, json: { details: { path: expect.stringContaining(path) } } });
      expect(explained.json).toEqual((await server.post('/query', request)).json);
    });

    it('tells what the relationships of a mutation read, and refuses what it would be refused for', async () => {
      const operation = (name: string): object => ({
        operations: [
          rate(1, 1),
          { ...rate(2, 1), fields: { type: 'object', fields: { of: related('tracks', name) } } },
        ],
        collection_relationships: RELATIONS,
      });
      const answer = await server.post('/mutation/explain', operation('name'));
      expect(answer).toMatchObject({
        status: 200,
        json: {
          details: {
            'operations[0]: statements': '0',
            'operations[1]: statements': '1',
            'operations[1].rows.value.rows.of.rows: SQL': expect.stringMatching(/^select/),
            'operations[1].rows.value.rows.of.rows: plan': expect.stringMatching(PLAN[dialect]),
          },
        },
      });
      const before = await ratingOf(1);
      const refused = await server.post('/mutation/explain', operation('surname'));
      expect(refused).toMatchObject({
        status: 400,
        json: { details: { path: expect.stringContaining('operations[1].fields') } },
      });
      expect(refused.json).toEqual((await server.post('/mutation', operation('surname'))).json);
      expect(await ratingOf(1)).toBe(before);
    });

    it('checks a mutation and runs none of it', async () => {
      const before = await ratingOf(2);
      const answer = await server.post('/mutation/explain', mutationOf(rate(2, 0.5), rate(3, 0.5)));
      expect(answer).toMatchObject({
        status: 200,
        json: {
          details: {
            transaction: expect.stringContaining('2 operation'),
            'operations[0]: procedure rate_album': expect.stringContaining('role operator'),
          },
        },
      });
      expect(await ratingOf(2)).toBe(before);
      expect(await server.post('/mutation/explain', mutationOf(rate(2, 'x')))).toMatchObject({ status: 422 });
    });
  });

  describe('a function', () => {
    const double = (args: object, extra: object = {}): object =>
      queryOf('double', { fields: { __value: column('__value') } }, { arguments: args, ...extra });

    it.each<[string, object, number, string]>([
      ['a missing argument', double({}), 422, 'arguments.number'],
      [
        'an unknown argument',
        double({ number: { type: 'literal', value: 1 }, x: { type: 'literal', value: 1 } }),
        400,
        'arguments.x',
      ],
      ['an argument of another type', double({ number: { type: 'literal', value: '1' } }), 422, 'arguments.number'],
      [
        'a missing variable',
        double({ number: { type: 'variable', name: 'n' } }, { variables: [{ m: 1 }] }),
        400,
        'arguments.number',
      ],
      [
        'another column',
        queryOf('double', { fields: { x: column('value') } }, { arguments: { number: { type: 'literal', value: 1 } } }),
        400,
        'query.fields.x',
      ],
    ])('refuses %s with its place', async (_name, request, status, path) => {
      const answer = await server.post('/query', request);
      expect(answer.status, answer.text).toBe(status);
      expect((answer.json as { details: { path: string } }).details.path).toContain(path);
    });

    it('is not called for more variable sets than a query is answered for', async () => {
      const variables = Array.from({ length: 10_001 }, (_, n) => ({ n }));
      const answer = await server.post('/query', double({ number: { type: 'variable', name: 'n' } }, { variables }));
      expect(answer).toMatchObject({ status: 422, json: { details: { path: 'variables' } } });
    });

    it('is no target of a relationship', async () => {
      const relationship = {
        column_mapping: {},
        relationship_type: 'object',
        target_collection: 'double',
        arguments: {},
      };
      const answer = await server.post('/query', artists({}, { collection_relationships: { twice: relationship } }));
      expect(answer).toMatchObject({
        status: 501,
        json: { details: { path: 'collection_relationships.twice.target_collection' } },
      });
    });
  });

  it('a row key may be any name but one', async () => {
    const answer = await server.post(
      '/query',
      artists({ fields: { constructor: column('id'), '': column('name') }, limit: 1 }),
    );
    expect(answer.text).toBe('[{"rows":[{"constructor":1,"":"Alpha"}]}]');
    const body = JSON.stringify(artists({ fields: { HERE: column('id') } })).replace('HERE', '__proto__');
    expect(await server.post('/query', body)).toMatchObject({
      status: 400,
      json: { details: { path: 'query.fields' } },
    });
  });
});
