import { describe, expect, it } from 'vitest';
import { JsonNode } from '../../connector/json-node.ts';
import { parseQueryRequest } from '../../connector/parse-query.ts';
import type { PredicateForm, QueryForm } from '../../schema/query/form.ts';

const envelope = (query: object, extra: object = {}): object => ({
  collection: 'albums',
  arguments: {},
  collection_relationships: {},
  query,
  ...extra,
});

const parse = (query: object, extra: object = {}): QueryForm =>
  parseQueryRequest(new JsonNode(envelope(query, extra))).query;

const predicate = (expression: object): PredicateForm | undefined => parse({ predicate: expression }).predicate;

const column = (name: string): object => ({ type: 'column', name });
const equals = (name: string, value: object): object => ({
  type: 'binary_comparison_operator',
  column: column(name),
  operator: '_eq',
  value,
});

describe('a query', () => {
  it('keeps exactly the parts that were asked for', () => {
    expect(parse({})).toEqual({});
    expect(
      parse({ fields: null, aggregates: null, groups: null, predicate: null, order_by: null, limit: null }),
    ).toEqual({});
    expect(parse({ fields: {}, aggregates: {}, limit: 0, offset: 0 })).toEqual({
      fields: new Map(),
      aggregates: new Map(),
      limit: 0,
      offset: 0,
    });
  });

  it('reads fields, nested fields and relationship fields', () => {
    const fields = {
      alias: { type: 'column', column: 'title', fields: null, arguments: {} },
      address: {
        type: 'column',
        column: 'address',
        fields: { type: 'object', fields: { city: { type: 'column', column: 'city' } } },
      },
      tags: {
        type: 'column',
        column: 'tags',
        fields: { type: 'array', fields: { type: 'object', fields: {} } },
      },
      reviews: { type: 'column', column: 'reviews', fields: { type: 'collection', query: { limit: 1 } } },
      artist: { type: 'relationship', relationship: 'artist', arguments: {}, query: { fields: {} } },
    };
    expect(parse({ fields }).fields).toEqual(
      new Map<string, unknown>([
        ['alias', { kind: 'column', column: 'title' }],
        [
          'address',
          {
            kind: 'column',
            column: 'address',
            fields: { kind: 'object', fields: new Map([['city', { kind: 'column', column: 'city' }]]) },
          },
        ],
        [
          'tags',
          { kind: 'column', column: 'tags', fields: { kind: 'array', fields: { kind: 'object', fields: new Map() } } },
        ],
        ['reviews', { kind: 'column', column: 'reviews', fields: { kind: 'collection', query: { limit: 1 } } }],
        ['artist', { kind: 'relationship', relationship: 'artist', query: { fields: new Map() } }],
      ]),
    );
  });

  it('reads relationships and variables', () => {
    const request = parseQueryRequest(
      new JsonNode(
        envelope(
          {},
          {
            variables: [{ id: 1 }, { id: null }],
            collection_relationships: {
              artist: {
                target_collection: 'artists',
                relationship_type: 'object',
                column_mapping: { artist_id: ['key', 'id'] },
                arguments: {},
              },
            },
          },
        ),
      ),
    );
    expect(request.variables).toEqual([new Map([['id', 1]]), new Map([['id', null]])]);
    expect(request.relationships).toEqual(
      new Map([['artist', { target: 'artists', type: 'object', mapping: new Map([['artist_id', ['key', 'id']]]) }]]),
    );
  });

  it('reads sort keys and groups', () => {
    const query = parse({
      order_by: {
        elements: [
          { order_direction: 'desc', target: { type: 'column', name: 'year', path: [], field_path: ['a'] } },
          {
            order_direction: 'asc',
            target: {
              type: 'aggregate',
              path: [{ relationship: 'tracks', arguments: {}, predicate: null, field_path: ['b'] }],
              aggregate: { type: 'star_count' },
            },
          },
        ],
      },
      groups: {
        dimensions: [{ type: 'column', column_name: 'at', path: [], extraction: 'hour' }],
        aggregates: { n: { type: 'column_count', column: 'id', distinct: true } },
        predicate: {
          type: 'binary_comparison_operator',
          target: { type: 'aggregate', aggregate: { type: 'single_column', column: 'year', function: 'max' } },
          operator: '_gt',
          value: { type: 'variable', name: 'least' },
        },
        order_by: { elements: [{ order_direction: 'asc', target: { type: 'dimension', index: 0 } }] },
        limit: 3,
        offset: 1,
      },
    });
    expect(query.orderBy).toEqual([
      { direction: 'desc', target: { kind: 'column', column: 'year', path: [], fieldPath: ['a'] } },
      {
        direction: 'asc',
        target: {
          kind: 'aggregate',
          path: [{ relationship: 'tracks', fieldPath: ['b'] }],
          aggregate: { kind: 'star-count' },
        },
      },
    ]);
    expect(query.groups).toEqual({
      dimensions: [{ column: 'at', path: [], extraction: 'hour' }],
      aggregates: new Map([['n', { kind: 'column-count', column: 'id', distinct: true }]]),
      predicate: {
        kind: 'compare',
        aggregate: { kind: 'function', function: 'max', column: 'year' },
        operator: '_gt',
        value: { kind: 'variable', name: 'least' },
      },
      orderBy: [{ direction: 'asc', target: { kind: 'dimension', index: 0 } }],
      limit: 3,
      offset: 1,
    });
  });
});

describe('an expression', () => {
  it.each<[string, object, PredicateForm]>([
    [
      'not and or',
      { type: 'not', expression: { type: 'and', expressions: [{ type: 'or', expressions: [] }] } },
      { kind: 'not', expression: { kind: 'and', expressions: [{ kind: 'or', expressions: [] }] } },
    ],
    [
      'is_null',
      { type: 'unary_comparison_operator', column: column('year'), operator: 'is_null' },
      { kind: 'is-null', target: { kind: 'column', column: 'year' } },
    ],
    [
      'null as an operand',
      equals('year', { type: 'scalar', value: null }),
      {
        kind: 'compare',
        target: { kind: 'column', column: 'year' },
        operator: '_eq',
        value: { kind: 'literal', value: null },
      },
    ],
    [
      'a column of an outer scope',
      equals('year', { type: 'column', name: 'since', path: [], scope: 2 }),
      {
        kind: 'compare',
        target: { kind: 'column', column: 'year' },
        operator: '_eq',
        value: { kind: 'column', column: 'since', path: [], scope: 2 },
      },
    ],
    [
      'contains in a nested list',
      {
        type: 'array_comparison',
        column: { type: 'column', name: 'address', field_path: ['tags'] },
        comparison: { type: 'contains', value: { type: 'variable', name: 'tag' } },
      },
      {
        kind: 'array-contains',
        target: { kind: 'column', column: 'address', fieldPath: ['tags'] },
        value: { kind: 'variable', name: 'tag' },
      },
    ],
    [
      'exists in each kind of collection',
      {
        type: 'and',
        expressions: [
          { type: 'exists', in_collection: { type: 'related', relationship: 'r', arguments: {}, field_path: ['f'] } },
          { type: 'exists', in_collection: { type: 'unrelated', collection: 'c', arguments: {} }, predicate: null },
          { type: 'exists', in_collection: { type: 'nested_collection', column_name: 'n', field_path: [] } },
          { type: 'exists', in_collection: { type: 'nested_scalar_collection', column_name: 's' } },
        ],
      },
      {
        kind: 'and',
        expressions: [
          { kind: 'exists', in: { kind: 'related', relationship: 'r', fieldPath: ['f'] } },
          { kind: 'exists', in: { kind: 'unrelated', collection: 'c' } },
          { kind: 'exists', in: { kind: 'nested-collection', column: 'n' } },
          { kind: 'exists', in: { kind: 'nested-scalar-collection', column: 's' } },
        ],
      },
    ],
  ])('reads %s', (_name, expression, expected) => {
    expect(predicate(expression)).toEqual(expected);
  });
});

describe('a malformed request', () => {
  it.each<[object, string, string]>([
    [{ limit: '5' }, 'query.limit', 'expected an integer'],
    [{ limit: -1 }, 'query.limit', 'expected an integer'],
    [{ offset: 1.5 }, 'query.offset', 'expected an integer'],
    [{ fields: [] }, 'query.fields', 'expected an object'],
    [{ fields: { a: { type: 'columns' } } }, 'query.fields.a.type', 'expected one of column, relationship'],
    [{ fields: { a: { type: 'column' } } }, 'query.fields.a', 'has no "column"'],
    [
      { aggregates: { n: { type: 'column_count', column: 'id', distinct: 'true' } } },
      'query.aggregates.n.distinct',
      'true or false',
    ],
    [
      { order_by: { elements: [{ order_direction: 'up' }] } },
      'query.order_by.elements[0].order_direction',
      'asc or desc',
    ],
    [{ predicate: { type: 'xor' } }, 'query.predicate.type', 'expected one of and, or, not'],
    [{ predicate: { type: 'and', expressions: {} } }, 'query.predicate.expressions', 'expected an array'],
    [{ predicate: equals('a', { type: 'scalar' }) }, 'query.predicate.value', 'has no "value"'],
    [
      { predicate: { type: 'unary_comparison_operator', column: column('a'), operator: 'is_true' } },
      'query.predicate.operator',
      'expected is_null',
    ],
    [
      {
        groups: { dimensions: [{ type: 'column', column_name: 'a', path: [], arguments: { x: {} } }], aggregates: {} },
      },
      'query.groups.dimensions[0].arguments.x',
      'takes arguments',
    ],
  ])('%j is refused at its place', (query, path, text) => {
    expect(() => parse(query)).toThrow(
      expect.objectContaining({ path, message: expect.stringContaining(text) }) as Error,
    );
  });

  it.each([
    [null, '$'],
    [[], '$'],
    ['query', '$'],
    [{}, '$'],
    [envelope({}, { collection: 5 }), 'collection'],
    [envelope({}, { arguments: null }), '$'],
    [envelope({}, { variables: {} }), 'variables'],
    [envelope({}, { variables: [5] }), 'variables[0]'],
    [envelope({}, { request_arguments: { tenant: 1 } }), 'request_arguments.tenant'],
    [
      envelope({}, { collection_relationships: { r: { target_collection: 'x', column_mapping: { a: 'b' } } } }),
      'collection_relationships.r.column_mapping.a',
    ],
  ])('%j is refused', (request, path) => {
    expect(() => parseQueryRequest(new JsonNode(request))).toThrow(
      expect.objectContaining({ kind: 'bad-request', path }) as Error,
    );
  });

  it('is refused, not followed, where it is nested without end', () => {
    let expression: object = { type: 'and', expressions: [] };
    for (let i = 0; i < 10_000; i++) expression = { type: 'not', expression };
    expect(() => predicate(expression)).toThrow('nested more than 512 levels');
  });
});
