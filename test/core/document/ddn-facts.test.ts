import { describe, expect, it } from 'vitest';
import { type FactContext, graphqlFacts, ndcFacts } from '../../../core/document/ddn-facts.ts';
import { readDocument } from '../../../core/document/graphql-document.ts';
import { readNdcRequest } from '../../../core/document/ndc-request.ts';
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

describe('the facts of a GraphQL request', () => {
  it('name what the dictionary names', () => {
    const [fact] = factsOf(
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

  it('are one per use of a root field, so that no alias hides another', () => {
    const facts = factsOf(
      '{ a: customers(limit: 1) { id } b: customers(limit: 5000) { id } x: orders(limit: 2) { id } }',
    );
    expect(facts.map((fact) => fact.arguments)).toEqual([
      { customers: { limit: 1 }, orders: { limit: 2 } },
      { customers: { limit: 5_000 }, orders: { limit: 2 } },
    ]);
    expect(facts.map((fact) => fact.limit)).toEqual([5_000, 5_000]);
  });

  it('are two where one use has an argument and the other has none', () => {
    const facts = factsOf('{ a: customers(limit: 1) { id } b: customers { id } c: orders { id } d: orders { id } }');
    expect(facts.map((fact) => fact.arguments)).toEqual([
      { customers: { limit: 1 }, orders: {} },
      { customers: {}, orders: {} },
    ]);
  });

  it('still name the caller where the document cannot be read', () => {
    expect(factsOf('{ a')).toMatchObject([
      { role: 'support', operationType: null, rootFields: [], fields: [], arguments: {}, depth: null, limit: null },
    ]);
  });

  it.each([
    ['99999999999999999999', 1e20],
    ['-9007199254740993', -9_007_199_254_740_992],
    ['1e999', Infinity],
    ['1.5', 1.5],
  ])('hold the number %s as a number, however large', (text, value) => {
    const [fact] = factsOf(
      `query Q($n: Int = ${text}) { transfer(amount: ${text}, limit: $n, list: [${text}]) { id } }`,
    );
    expect(fact?.arguments['transfer']).toEqual({ amount: value, limit: value, list: [value] });
    expect(fact?.limit).toBe(value);
  });

  it('hold an argument called __proto__ as an ordinary key', () => {
    const [fact] = factsOf('{ a(__proto__: 1) { id } }');
    expect(Object.keys(fact?.arguments['a'] ?? {})).toEqual(['__proto__']);
  });
});

describe('the facts of an NDC request', () => {
  it('are one per collection it touches', () => {
    const reading = readNdcRequest('chinook', {
      ...ALBUM_QUERY,
      arguments: { year: { type: 'literal', value: 1977 } },
    });
    const facts = reading ? ndcFacts(CONTEXT, reading) : [];
    expect(facts.map(({ connector, collection }) => [connector, collection])).toEqual([
      ['chinook', 'Album'],
      ['chinook', 'Artist'],
    ]);
    expect(facts[0]).toMatchObject({
      role: 'support',
      rootFields: [],
      arguments: { Album: { year: 1_977, Id: [1, 2] } },
    });
    expect(facts[1]).toMatchObject({ arguments: { Artist: { Name: 'AC/DC' } } });
  });
});
