import { describe, expect, it } from 'vitest';
import {
  type ArgumentsByField,
  type DdnFact,
  type FactContext,
  MAX_FIELDS,
  graphqlFacts,
  ndcFacts,
} from '../../../core/document/ddn-facts.ts';
import { readDocument } from '../../../core/document/graphql-document.ts';
import { readNdcRequest } from '../../../core/document/ndc-request.ts';
import { UNKNOWN } from '../../../core/domain/request-facts.ts';
import { LIMITS } from '../../../core/kill-switch/limits.ts';
import { ALBUM_QUERY } from './ndc-requests.ts';

const CONTEXT: FactContext = {
  environment: 'test',
  service: null,
  principal: {
    role: 'support',
    userId: '17',
    sessionVariables: new Map<string, unknown>([['x-hasura-role', 'support']]),
  },
  headers: { 'user-agent': 'curl' },
};

const factsOf = (query: string | null, variables: Record<string, unknown> = {}) =>
  graphqlFacts(CONTEXT, readDocument(query, null), { operationName: null, variables });

const at = (fact: DdnFact, field: string) => (fact.arguments as ArgumentsByField)[field] as object;

describe('the facts of a GraphQL request', () => {
  it('name what the dictionary names', () => {
    const { fact } = factsOf(
      'query Q($n: Int) { c: customers(limit: $n, where: {id: {_eq: 1}}) { id orders(limit: 50) { id } } }',
      {
        n: 10,
      },
    );
    expect(fact).toEqual({
      namespace: 'ddn',
      environment: 'test',
      service: null,
      role: 'support',
      session: { 'x-hasura-role': 'support' },
      headers: { 'user-agent': 'curl' },
      operationName: 'Q',
      operationType: 'query',
      rootFields: ['customers'],
      fields: ['customers.id', 'customers.orders.id'],
      arguments: { customers: { limit: 10, where: { id: { _eq: 1 } } } },
      variables: { n: 10 },
      depth: 3,
      limit: 50,
      connector: null,
      collection: null,
    });
  });

  it('vary where a root field is asked for several times, so that no alias hides another', () => {
    const { fact, varying } = factsOf(
      '{ a: customers(limit: 1) { id } b: customers(limit: 5000) { id } x: orders(limit: 2) { id } }',
    );
    expect(fact.arguments).toEqual({ customers: { limit: 1 }, orders: { limit: 2 } });
    expect(fact.limit).toBe(5_000);
    expect(varying).toEqual([{ path: ['arguments', 'customers'], values: [{ limit: 1 }, { limit: 5_000 }] }]);
  });

  it('vary where one use has an argument and the other has none, not where none has any', () => {
    const { varying } = factsOf(
      '{ a: customers(limit: 1) { id } b: customers { id } c: orders { id } d: orders { id } }',
    );
    expect(varying).toEqual([{ path: ['arguments', 'customers'], values: [{ limit: 1 }, {}] }]);
  });

  it.each([['{ a'], ['query A { a } query B { a }'], [null]])(
    'name the caller and hold nothing where the engine runs no document: %s',
    (query) => {
      const { fact, varying } = factsOf(query);
      expect(fact).toMatchObject({ role: 'support', operationType: null, rootFields: [], fields: [], arguments: {} });
      expect(fact).toMatchObject({ depth: null, limit: null, operationName: null });
      expect(varying).toEqual([]);
    },
  );

  it.each([
    ['too large', `{ a }#${'x'.repeat(530_000)}`],
    ['too deep', `{ a(x: ${'['.repeat(101)}${']'.repeat(101)}) }`],
  ])('are unknown where the document is %s, but for what the request says beside it', (_, query) => {
    const { fact } = factsOf(query, { n: 1 });
    const unknown = Object.entries(fact).filter(([, value]) => value === UNKNOWN);
    expect(unknown.map(([name]) => name).sort()).toEqual([
      'arguments',
      'depth',
      'fields',
      'limit',
      'operationName',
      'operationType',
      'rootFields',
    ]);
    expect(fact).toMatchObject({ role: 'support', variables: { n: 1 }, collection: null });
    const named = graphqlFacts(CONTEXT, readDocument(query, 'Q'), { operationName: 'Q', variables: {} });
    expect(named.fact.operationName).toBe('Q');
  });

  it.each([
    ['99999999999999999999', 1e20],
    ['-9007199254740993', -9_007_199_254_740_992],
    ['1e999', Infinity],
    ['1.5', 1.5],
  ])('hold the number %s as a number, however large', (text, value) => {
    const { fact } = factsOf(
      `query Q($n: Int = ${text}) { transfer(amount: ${text}, limit: $n, list: [${text}]) { id } }`,
    );
    expect(at(fact, 'transfer')).toEqual({ amount: value, limit: value, list: [value] });
    expect(fact.limit).toBe(value);
  });

  it('hold an argument called __proto__ as an ordinary key', () => {
    const { fact } = factsOf('{ a(__proto__: 1) { id } }');
    expect(Object.keys(at(fact, 'a'))).toEqual(['__proto__']);
  });
});

it('the fields of a request are unknown where they are too many for a rule to go through', () => {
  expect(MAX_FIELDS).toBe(LIMITS.steps);
  const fields = (count: number) =>
    factsOf(`{ ${Array.from({ length: count }, (_, i) => `f${i}`).join(' ')} }`).fact.fields;
  expect(fields(MAX_FIELDS)).toHaveLength(MAX_FIELDS);
  expect(fields(MAX_FIELDS + 1)).toBe(UNKNOWN);
});

describe('the facts of an NDC request', () => {
  const factsOfNdc = (request: unknown) => {
    const reading = readNdcRequest('chinook', request);
    if (!reading) throw new Error('the request could not be read');
    return ndcFacts(CONTEXT, reading);
  };
  const compare = (name: string, value: unknown) => ({
    type: 'binary_comparison_operator',
    column: { type: 'column', name },
    operator: '_eq',
    value: { type: 'scalar', value },
  });

  it('vary over the collections it touches', () => {
    const { fact, varying } = factsOfNdc(ALBUM_QUERY);
    expect(fact).toMatchObject({ role: 'support', rootFields: [], connector: 'chinook', collection: 'Album' });
    expect(varying).toContainEqual({ path: ['collection'], values: ['Album', 'Artist'] });
  });

  it('hold arguments and compared columns by collection, varying over all variable sets', () => {
    const { fact, varying } = factsOfNdc({ ...ALBUM_QUERY, arguments: { year: { type: 'literal', value: 1977 } } });
    expect(fact.arguments).toEqual({ Album: { year: 1_977, Id: [1, 2] }, Artist: { Name: 'AC/DC' } });
    expect(varying).toContainEqual({ path: ['arguments', 'Artist', 'Name'], values: ['AC/DC', 'Accept'] });
  });

  it('vary over the values of a column that is compared several times', () => {
    const predicate = { type: 'or', expressions: [compare('x', 1), compare('x', 2), compare('y', 3), compare('x', 1)] };
    const { fact, varying } = factsOfNdc({ collection: 'a', query: { predicate } });
    expect(fact.arguments).toEqual({ a: { x: 1, y: 3 } });
    expect(varying).toEqual([
      { path: ['collection'], values: ['a'] },
      { path: ['arguments', 'a', 'x'], values: [1, 2] },
    ]);
  });

  it('give a collection nothing of another whose name begins like its own', () => {
    const predicate = {
      type: 'exists',
      in_collection: { type: 'unrelated', collection: 'a.b', arguments: {} },
      predicate: compare('x', 1),
    };
    expect(factsOfNdc({ collection: 'a', query: { predicate } }).fact.arguments).toEqual({ 'a.b': { x: 1 } });
  });

  it('are partly unknown where the request is beyond the limits', () => {
    let predicate: object = compare('x', 1);
    for (let i = 0; i < 300; i++) predicate = { type: 'not', expression: predicate };
    const { fact, varying } = factsOfNdc({ collection: 'a', query: { predicate } });
    expect(fact).toMatchObject({ connector: 'chinook', collection: 'a', arguments: UNKNOWN });
    expect(varying).toEqual([{ path: ['collection'], values: ['a', UNKNOWN] }]);
  });
});
