import { describe, expect, it } from 'vitest';
import { DEFAULT_EXTRACTION_CAPS } from '../../../core/document/dataset-builder.ts';
import { datasetOfRecord, extractDatasets } from '../../../core/document/graphql-datasets.ts';
import { readDocument } from '../../../core/document/graphql-document.ts';
import type { Dataset } from '../../../core/domain/observation.ts';

function datasetsOf(query: string, data: unknown): readonly Dataset[] {
  const document = readDocument(query, null);
  if (document.kind === 'unreadable') throw new Error(document.reason);
  return extractDatasets(data, document.selection).datasets;
}

/** Name → column → cells. */
function tables(datasets: readonly Dataset[]): unknown {
  return datasets.map(({ name, columns }) => [
    name,
    Object.fromEntries(columns.map(({ path, cells }) => [path, cells])),
  ]);
}

describe('the datasets of a GraphQL response', () => {
  it('are the lists, by the names of their fields', () => {
    const datasets = datasetsOf('{ c: customers { i: id n: name } }', {
      c: [
        { i: 1, n: 'a' },
        { i: 2, n: null },
      ],
    });
    expect(tables(datasets)).toEqual([['customers', { id: [1, 2], name: ['a', null] }]]);
  });

  it('take a single object for one record', () => {
    expect(tables(datasetsOf('{ customerById(id: 1) { id } }', { customerById: { id: 1 } }))).toEqual([
      ['customerById', { id: [1] }],
    ]);
  });

  it('have columns with names of bounded length, whatever keys a JSON value holds', () => {
    const json = { ['k'.repeat(500_000)]: { a: 1 } };
    const [dataset] = datasetsOf('{ customers { id json } }', { customers: [{ id: 1, json }] });
    expect(dataset?.columns.map(({ path }) => path)).toEqual(['id', `json.${'k'.repeat(256)}.a`]);
  });

  it('take nested lists for datasets of their own', () => {
    const datasets = datasetsOf('{ customers { id o: orders { id items { sku } } } }', {
      customers: [
        {
          id: 1,
          o: [
            { id: 10, items: [{ sku: 'a' }] },
            { id: 11, items: [] },
          ],
        },
        { id: 2, o: [{ id: 12, items: [{ sku: 'b' }] }] },
      ],
    });
    expect(tables(datasets)).toEqual([
      ['customers', { id: [1, 2] }],
      ['customers.orders', { id: [10, 11, 12] }],
      ['customers.orders.items', { sku: ['a', 'b'] }],
    ]);
  });

  it.each([
    [
      'edges',
      '{ customers { edges { cursor node { id } } pageInfo { hasNextPage } } }',
      {
        customers: {
          edges: [
            { cursor: 'x', node: { id: 1 } },
            { cursor: 'y', node: null },
          ],
          pageInfo: { hasNextPage: true },
        },
      },
    ],
    ['aliased edges', '{ customers { e: edges { n: node { id } } } }', { customers: { e: [{ n: { id: 1 } }] } }],
    ['nodes', '{ customers { nodes { id } totalCount } }', { customers: { nodes: [{ id: 1 }], totalCount: 1 } }],
  ])('read a connection through %s', (_, query, data) => {
    expect(tables(datasetsOf(query, data))).toEqual([['customers', { id: [1] }]]);
  });

  it('read a connection inside a record', () => {
    const data = { customers: [{ id: 1, orders: { edges: [{ node: { total: 5 } }] } }] };
    expect(tables(datasetsOf('{ customers { id orders { edges { node { total } } } } }', data))).toEqual([
      ['customers', { id: [1] }],
      ['customers.orders', { total: [5] }],
    ]);
  });

  it('flatten objects to dotted paths, to a depth', () => {
    const data = { customers: [{ a: { b: { c: { d: 1, e: { f: 2 } } } } }] };
    const [dataset] = datasetsOf('{ customers { a { b { c { d e { f } } } } } }', data);
    expect(tables([dataset as Dataset])).toEqual([['customers', { 'a.b.c.d': [1] }]]);
    expect(dataset?.droppedColumns).toBe(1);
  });

  it('tell a key that a record lacks from null', () => {
    expect(
      tables(
        datasetsOf('{ pets { ... on Cat { lives } name } }', {
          pets: [{ name: 'a' }, { name: 'b', lives: 9 }, { name: null }],
        }),
      ),
    ).toEqual([['pets', { name: ['a', 'b', null], lives: [undefined, 9, undefined] }]]);
  });

  it('miss what was asked of an object that is null, also where no record has the object', () => {
    const query = '{ orders { id buyer: customer { name e: email __typename address { city } } } }';
    expect(tables(datasetsOf(query, { orders: [{ id: 1, buyer: null }] }))).toEqual([
      ['orders', { id: [1], customer: [null], 'customer.name': [undefined], 'customer.email': [undefined] }],
    ]);
    const some = {
      orders: [
        { id: 1, buyer: null },
        { id: 2, buyer: { name: 'a', e: 'b', address: null } },
      ],
    };
    expect(tables(datasetsOf(query, some))).toEqual([
      [
        'orders',
        {
          id: [1, 2],
          customer: [null, undefined],
          'customer.name': [undefined, 'a'],
          'customer.email': [undefined, 'b'],
          'customer.address': [undefined, null],
          'customer.address.city': [undefined, undefined],
        },
      ],
    ]);
  });

  it('leave out __typename, scalars, nulls and the schema', () => {
    const query =
      '{ __typename t: __typename n nothing { id } list { __typename t: __typename id } __schema { types { name } } }';
    const data = {
      __typename: 'Query',
      t: 'Query',
      n: 5,
      nothing: null,
      list: [{ __typename: 'A', t: 'A', id: 1 }],
      __schema: { types: [{ name: 'x' }] },
    };
    expect(tables(datasetsOf(query, data))).toEqual([['list', { id: [1] }]]);
  });

  it('keep an empty list as a dataset without records', () => {
    expect(datasetsOf('{ customers { id } }', { customers: [] })).toMatchObject([
      { name: 'customers', recordCount: 0 },
    ]);
  });

  it('survive lists of scalars, of lists and of nulls', () => {
    const [dataset] = datasetsOf('{ a { id } }', { a: [1, 'x', [2], null, { id: 1 }] });
    expect(dataset).toMatchObject({ recordCount: 1, droppedRecords: 3 });
  });

  it('take the list of a leaf for a value, whatever it holds', () => {
    expect(tables(datasetsOf('{ a { tags json } }', { a: [{ tags: ['x', 'y'], json: [{ k: 1 }] }] }))).toEqual([
      ['a', { tags: [['x', 'y']], json: [[{ k: 1 }]] }],
    ]);
  });

  it('treat a column called data, and keys of Object.prototype, like any other', () => {
    const rows = JSON.parse(
      '[{"data":{"x":1},"__proto__":{"polluted":true},"constructor":{"prototype":{"y":2}}}]',
    ) as unknown;
    const { datasets } = extractDatasets({ rows }, null);
    expect(tables(datasets)).toEqual([
      ['rows', { 'data.x': [1], ['__proto__.polluted']: [true], 'constructor.prototype.y': [2] }],
    ]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('join the same selection under several aliases', () => {
    const query = '{ a: user(id: 1) { id name } b: user(id: 2) { n: name id } }';
    expect(tables(datasetsOf(query, { a: { id: 1, name: 'x' }, b: { n: 'y', id: 2 } }))).toEqual([
      ['user', { id: [1, 2], name: ['x', 'y'] }],
    ]);
  });

  it('keep different selections of one field apart, so that no column looks missing', () => {
    const query = '{ a: user(id: 1) { id } b: user(id: 2) { id name } }';
    expect(tables(datasetsOf(query, { a: { id: 1 }, b: { id: 2, name: 'y' } }))).toEqual([
      ['user', { id: [1] }],
      ['user', { id: [2], name: ['y'] }],
    ]);
  });

  it('keep the first of two aliases for one column', () => {
    expect(tables(datasetsOf('{ a { x: n(s: 1) y: n(s: 2) } }', { a: [{ x: 1, y: 2 }] }))).toEqual([['a', { n: [1] }]]);
  });

  it('count what is beyond the caps', () => {
    const caps = { ...DEFAULT_EXTRACTION_CAPS, records: 2, columns: 1, datasets: 1 };
    const { datasets, droppedDatasets } = extractDatasets(
      { a: [{ x: 1, y: 1, z: 1 }, { x: 2, y: 2 }, { x: 3 }], b: [{ x: 1 }] },
      null,
      caps,
    );
    expect(datasets).toMatchObject([{ recordCount: 2, droppedRecords: 1, droppedColumns: 2 }]);
    expect(droppedDatasets).toBe(1);
  });

  it.each([[null], [undefined], [5], ['text'], [[]], [{}]])('are none for data %j', (data) => {
    expect(extractDatasets(data, null)).toEqual({ datasets: [], droppedDatasets: 0 });
  });

  it('do not exhaust the stack on 10,000 levels of objects or lists', () => {
    const objects = JSON.parse('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)) as unknown;
    const lists = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown;
    const { datasets } = extractDatasets({ rows: [{ objects, lists }] }, null);
    expect(datasets).toMatchObject([{ name: 'rows', columns: [{ path: 'lists' }], droppedColumns: 1 }]);
  });

  it('read one record given by itself', () => {
    expect(tables(datasetOfRecord('customers', { id: 1, a: { b: 2 } }).datasets)).toEqual([
      ['customers', { id: [1], 'a.b': [2] }],
    ]);
  });
});
