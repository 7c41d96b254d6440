import { describe, expect, it } from 'vitest';
import { extractNdcDatasets } from '../../../core/document/ndc-datasets.ts';
import { type NdcRequestReading, ndcArgumentValuesOf, readNdcRequest } from '../../../core/document/ndc-request.ts';
import { ALBUM_QUERY, ALBUM_RESPONSE, PROCEDURE_REQUEST } from './ndc-requests.ts';

function read(request: unknown): NdcRequestReading {
  const reading = readNdcRequest('chinook', request);
  if (!reading) throw new Error('not an NDC request');
  return reading;
}

describe('the shape of an NDC query', () => {
  it('says structure without values and aliases', () => {
    expect(read(ALBUM_QUERY).shape).toMatchObject({
      text: 'query chinook Album{->Artist{Name} Id Title} where and(Id _in ?,exists(Artist,Name _eq ?)) order by Title desc paged',
      operationType: 'query',
      rootFields: ['chinook.Album'],
      fields: ['chinook.Album.Id', 'chinook.Album.Title', 'chinook.Artist.Name'],
      features: {
        depth: 2,
        fields: 3,
        arguments: 2,
        variables: 1,
        hasFiltering: true,
        hasSorting: true,
        hasPagination: true,
      },
    });
    expect(read(ALBUM_QUERY).shape.id).toMatch(/^ndc:1:[0-9a-f]{32}$/);
  });

  it('does not depend on aliases, values, order of fields and of conditions', () => {
    const { query } = ALBUM_QUERY;
    const other = {
      ...ALBUM_QUERY,
      variables: [{ $name: 'x' }],
      query: {
        ...query,
        limit: 99,
        fields: { z: query.fields.f2, y: query.fields.f1, x: query.fields.f0 },
        predicate: { type: 'and', expressions: [...query.predicate.expressions].reverse() },
      },
    };
    expect(read(other).shape.id).toBe(read(ALBUM_QUERY).shape.id);
  });

  it.each([
    ['the connector', readNdcRequest('other', ALBUM_QUERY)],
    [
      'a column',
      readNdcRequest('chinook', {
        ...ALBUM_QUERY,
        query: { ...ALBUM_QUERY.query, fields: { f0: { type: 'column', column: 'Title' } } },
      }),
    ],
    ['the filter', readNdcRequest('chinook', { ...ALBUM_QUERY, query: { ...ALBUM_QUERY.query, predicate: null } })],
    ['the order', readNdcRequest('chinook', { ...ALBUM_QUERY, query: { ...ALBUM_QUERY.query, order_by: null } })],
  ])('depends on %s', (_, reading) => {
    expect(reading?.shape.id).not.toBe(read(ALBUM_QUERY).shape.id);
  });

  it('names aggregates, groups and the columns they read', () => {
    const shape = read({
      collection: 'Invoice',
      arguments: { region: { type: 'literal', value: 'EU' } },
      collection_relationships: {},
      query: {
        aggregates: {
          a: { type: 'star_count' },
          b: { type: 'column_count', column: 'Email', distinct: true },
          c: { type: 'single_column', column: 'Total', function: 'sum' },
        },
        groups: {
          dimensions: [{ type: 'column', column_name: 'Country', path: [] }],
          aggregates: { d: { type: 'star_count' } },
        },
      },
    }).shape;
    expect(shape.text).toBe(
      'query chinook Invoice(region){} aggregates(count count(distinct Email) sum(Total)) groups(Country;count)',
    );
    expect(shape.fields).toEqual(['chinook.Invoice.Country', 'chinook.Invoice.Email', 'chinook.Invoice.Total']);
  });

  it('is read from a mutation', () => {
    const reading = read(PROCEDURE_REQUEST);
    expect(reading).toMatchObject({ operation: 'mutation', collections: ['update_album'] });
    expect(reading.shape).toMatchObject({
      text: 'mutation chinook update_album{Id Title}',
      operationType: 'mutation',
      fields: ['chinook.update_album.Id', 'chinook.update_album.Title'],
    });
    expect(ndcArgumentValuesOf(reading)).toEqual([
      { path: 'update_album.id', value: 4 },
      { path: 'update_album.set.title', value: 'x' },
    ]);
  });

  it.each([
    ['a relational query', { root_relation: { type: 'from', collection: 'Album', columns: [] } }],
    ['null', null],
    ['a list', [ALBUM_QUERY]],
    ['a text', 'Album'],
    ['an empty object', {}],
    ['a collection without a query', { collection: 'Album' }],
    ['operations of another kind', { operations: [{ type: 'insert' }] }],
  ])('does not exist for %s', (_, request) => {
    expect(readNdcRequest('chinook', request)).toBeUndefined();
  });

  it('still names the collections of a request that is nested by the thousand', () => {
    let predicate: unknown = { type: 'and', expressions: [] };
    for (let level = 0; level < 10_000; level++) predicate = { type: 'not', expression: predicate };
    const reading = read({ ...ALBUM_QUERY, query: { ...ALBUM_QUERY.query, predicate } });
    expect(reading).toMatchObject({ collections: ['Album', 'Artist'], roots: [], shape: { text: 'query unreadable' } });
    expect(extractNdcDatasets(reading, ALBUM_RESPONSE).datasets).toEqual([]);
  });
});

describe('argument values of an NDC query', () => {
  it('come from predicates, once per variable set', () => {
    expect(ndcArgumentValuesOf(read(ALBUM_QUERY))).toEqual([
      { path: 'Album.Id._in', value: 1 },
      { path: 'Album.Id._in', value: 2 },
      { path: 'Artist.Name._eq', value: 'AC/DC' },
      { path: 'Artist.Name._eq', value: 'Accept' },
    ]);
  });
});

describe('the datasets of an NDC response', () => {
  it('have the columns of the request and the collections they come from', () => {
    const { datasets } = extractNdcDatasets(read(ALBUM_QUERY), ALBUM_RESPONSE);
    expect(datasets.map(({ name, columns }) => [name, columns])).toEqual([
      [
        'chinook.Album',
        [
          { path: 'Title', cells: ['Let There Be Rock', 'Balls to the Wall', 'Untitled'] },
          { path: 'Id', cells: [4, 2, 3] },
        ],
      ],
      ['chinook.Artist', [{ path: 'Name', cells: ['AC/DC', 'Accept'] }]],
    ]);
  });

  it('are read from a bare row set, as the documentation shows it', () => {
    const { datasets } = extractNdcDatasets(read(ALBUM_QUERY), ALBUM_RESPONSE[0]);
    expect(datasets[0]).toMatchObject({ name: 'chinook.Album', recordCount: 1 });
  });

  it('include nested objects and lists by column', () => {
    const request = {
      collection: 'Customer',
      collection_relationships: {},
      query: {
        fields: {
          a: {
            type: 'column',
            column: 'address',
            fields: { type: 'object', fields: { c: { type: 'column', column: 'city' } } },
          },
          p: {
            type: 'column',
            column: 'phones',
            fields: { type: 'array', fields: { type: 'object', fields: { n: { type: 'column', column: 'number' } } } },
          },
          t: { type: 'column', column: 'tags' },
        },
      },
    };
    const rows = [{ a: { c: 'Bern' }, p: [{ n: '1' }, { n: '2' }], t: ['x'] }];
    const { datasets } = extractNdcDatasets(read(request), [{ rows }]);
    expect(datasets.map(({ name, columns }) => [name, columns])).toEqual([
      [
        'chinook.Customer',
        [
          { path: 'address.city', cells: ['Bern'] },
          { path: 'tags', cells: [['x']] },
        ],
      ],
      ['chinook.Customer.phones', [{ path: 'number', cells: ['1', '2'] }]],
    ]);
    expect(read(request).shape.fields).toContain('chinook.Customer.phones.number');
  });

  it('keep a collection that is related to itself in order', () => {
    const related = {
      type: 'relationship',
      relationship: 'manager',
      arguments: {},
      query: { fields: { x: { type: 'column', column: 'Id' } } },
    };
    const request = {
      collection: 'Employee',
      collection_relationships: { manager: { target_collection: 'Employee' } },
      query: { fields: { i: { type: 'column', column: 'Id' }, m: related } },
    };
    const rows = [
      { i: 1, m: { rows: [{ x: 9 }] } },
      { i: 2, m: { rows: [{ x: 9 }] } },
    ];
    expect(extractNdcDatasets(read(request), [{ rows }]).datasets).toMatchObject([
      { name: 'chinook.Employee', recordCount: 4, columns: [{ path: 'Id', cells: [1, 2, 9, 9] }] },
    ]);
  });

  it('are read from the results of a mutation', () => {
    const response = { operation_results: [{ type: 'procedure', result: { a: 4, b: 'x' } }] };
    expect(extractNdcDatasets(read(PROCEDURE_REQUEST), response).datasets).toMatchObject([
      {
        name: 'chinook.update_album',
        columns: [
          { path: 'Id', cells: [4] },
          { path: 'Title', cells: ['x'] },
        ],
      },
    ]);
  });

  it.each([
    [null],
    ['x'],
    [[]],
    [[null]],
    [[{ rows: null }]],
    [[{ aggregates: { a: 1 } }]],
    [{ operation_results: 5 }],
  ])('are none for the response %j', (response) => {
    expect(extractNdcDatasets(read(ALBUM_QUERY), response).datasets).toEqual([]);
  });
});
