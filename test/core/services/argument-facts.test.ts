import { expect, it } from 'vitest';
import { graphqlFacts, ndcFacts } from '../../../core/document/ddn-facts.ts';
import { createDocumentReader } from '../../../core/document/graphql-document.ts';
import { readNdcRequest } from '../../../core/document/ndc-request.ts';
import { argumentFactsOf, MAX_ARGUMENT_FACTS_CHARACTERS } from '../../../core/services/argument-facts.ts';

const CONTEXT = {
  environment: null,
  service: null,
  principal: { role: '', userId: null, sessionVariables: new Map<string, unknown>() },
  headers: {},
};

function ofQuery(query: string, variables: Record<string, unknown> = {}) {
  const document = createDocumentReader()(query, null);
  return argumentFactsOf(graphqlFacts(CONTEXT, document, { operationName: null, variables }));
}

it('are the values that rules read, each of several', () => {
  expect(
    ofQuery('query ($c: String) { a: orders(limit: 3, country: $c) { id } b: orders(limit: 9) { id } }', { c: 'AT' }),
  ).toEqual({
    arguments: { orders: { limit: 3, country: 'AT' } },
    limit: 9,
    varying: [{ path: ['arguments', 'orders'], values: [{ limit: 3, country: 'AT' }, { limit: 9 }] }],
  });
  const reading = readNdcRequest('music', {
    collection: 'orders',
    arguments: { tenant: { type: 'variable', name: 't' } },
    collection_relationships: {},
    query: {},
    variables: [{ t: 1 }, { t: 2 }],
  });
  expect(reading && argumentFactsOf(ndcFacts(CONTEXT, reading))).toEqual({
    arguments: { orders: { tenant: 1 } },
    limit: null,
    varying: [{ path: ['arguments', 'orders', 'tenant'], values: [1, 2] }],
  });
});

it('are without personal values, by name and by form, wherever they stand', () => {
  const where = '{_or: [{email: {_eq: "x"}}, {note: {_like: "write to ann@example.com soon"}}, {salary: {_gt: 5000}}]}';
  expect(ofQuery(`{ orders(where: ${where}, key: "ann@example.com", card: 4111111111111111) { id } }`)).toMatchObject({
    arguments: {
      orders: {
        where: {
          _or: [
            { email: { _eq: '[e-mail]' } },
            { note: { _like: 'write to [e-mail] soon' } },
            { salary: { _gt: null } },
          ],
        },
        key: '[e-mail]',
        card: null,
      },
    },
  });
});

it('are not kept where they are many or unknown', () => {
  const list = Array.from({ length: MAX_ARGUMENT_FACTS_CHARACTERS / 2 }, (_, n) => n);
  expect(ofQuery(`{ orders(ids: [${list.join()}]) { id } }`)).toBeNull();
  expect(ofQuery(`{ orders { id } }#${'x'.repeat(530_000)}`)).toBeNull();
});
