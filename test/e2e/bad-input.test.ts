import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { ordinaryOrders, ORDERS_QUERY, postJson, preResponseBody } from '../support/traffic.ts';

/** What a client, an engine or an attacker may send by accident or on purpose. The process must live and stay exact. */
const SECRET = 'the-shared-secret-of-this-test';
const TOKEN = 'the-service-token-of-this-test';
const PROTOCOL = [204, 200, 299, 400, 500];

let service: ServiceProcess;

beforeAll(async () => {
  service = await startService({
    environment: {
      M_AUTH_KEY: SECRET,
      HOST: '127.0.0.1',
      HASURA_SERVICE_TOKEN_SECRET: TOKEN,
      HASURA_CONNECTOR_HOST: '127.0.0.1',
      LOG_LEVEL: 'debug',
    },
  });
});

afterAll(async () => {
  expect(await service.end()).toBe(0);
  service.remove();
});

const auth = { 'hasura-m-auth': SECRET };
const bearer = { authorization: `Bearer ${TOKEN}` };
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const withResponse = (response: string) =>
  `{"session":{"role":"sales","variables":{}},"rawRequest":{"query":${JSON.stringify(ORDERS_QUERY)},"variables":null,"operationName":null},"response":${response}}`;

const BODIES: Record<string, string> = {
  'nothing at all': '',
  'text that is no JSON': 'hello',
  'JSON cut in the middle': '{"session":{"role":"sa',
  'an array': '[]',
  'a number': '7',
  null: 'null',
  'an empty object': '{}',
  'types all wrong': '{"session":7,"rawRequest":"x","response":true}',
  'NaN, which is no JSON': withResponse('{"data":{"orders":[{"total":NaN}]}}'),
  'data null with errors': withResponse('{"data":null,"errors":[{"message":"no"}]}'),
  'a scalar dataset': withResponse('{"data":{"orders":7,"name":"x","ok":true}}'),
  'lists in lists with nulls': withResponse('{"data":{"orders":[null,[1,[2]],{"id":1},7]}}'),
  '10,000 levels of arrays': withResponse(`{"data":{"orders":[{"id":1,"deep":${nested('[', ']', 10_000)}}]}}`),
  '10,000 levels of objects': withResponse(`{"data":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`),
  'a query of 10,000 levels': JSON.stringify({ session: null, rawRequest: { query: nested('{a', '}', 10_000) } }),
  '__proto__ and constructor keys': withResponse(
    '{"data":{"orders":[{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"id":1}]}}',
  ),
  'a string of 1 MB': withResponse(JSON.stringify({ data: { orders: [{ id: 1, note: 'x'.repeat(1_000_000) }] } })),
  'a body of 30 MB': withResponse(
    JSON.stringify({ data: { orders: Array.from({ length: 300 }, (_, id) => ({ id, note: 'y'.repeat(100_000) })) } }),
  ),
};

const HOOKS = [
  '/hooks/pre-parse',
  '/hooks/pre-response',
  '/hooks/pre-response?mode=synchronous',
  '/hooks/pre-ndc-request',
  '/hooks/pre-ndc-response',
];

describe('hooks', () => {
  it.each(Object.keys(BODIES))('answer by the protocol to %s', async (name) => {
    for (const hook of HOOKS) {
      const response = await postJson(`${service.apiUrl}${hook}`, BODIES[name], auth);
      expect(PROTOCOL, hook).toContain(response.status);
      await response.text();
    }
  });

  it.each([{}, { 'hasura-m-auth': 'wrong' }, { authorization: `Bearer ${TOKEN}` }])(
    'answer 400 to the credentials %j',
    async (headers) => {
      for (const hook of HOOKS) {
        const response = await postJson(`${service.apiUrl}${hook}`, preResponseBody(ordinaryOrders(0)), headers);
        expect(response.status, hook).toBe(400);
        expect(await response.json()).toHaveProperty('message');
      }
    },
  );
});

describe('REST', () => {
  it.each(Object.keys(BODIES))('answers %s with a status and JSON', async (name) => {
    const response = await postJson(`${service.apiUrl}/anomalies`, BODIES[name], { ...auth, 'x-hasura-role': 'sales' });
    expect([200, 400, 413]).toContain(response.status);
    const text = await response.text();
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(text).not.toMatch(/\bat .*\.ts:\d+|sqlite|\/work\/|\/tmp\//i);
  });

  it.each(['/history/unknown', '/model/unknown', '/stats/unknown', '/history/%00', `/model/${'a'.repeat(5_000)}`])(
    'answers GET %s with JSON',
    async (path) => {
      const response = await fetch(`${service.apiUrl}${path}`, { headers: auth });
      expect([200, 400, 404, 414]).toContain(response.status);
      expect(await response.json()).toBeTypeOf('object');
    },
  );
});

describe('the connector', () => {
  const predicate = (depth: number) => {
    const inner = '{"type":"unary_comparison_operator","column":{"type":"column","name":"id"},"operator":"is_null"}';
    return `{"collection":"request_log","arguments":{},"collection_relationships":{},"query":{"fields":{},"predicate":${'{"type":"not","expression":'.repeat(depth)}${inner}${'}'.repeat(depth)}}}`;
  };
  const QUERIES: Record<string, string> = {
    ...Object.fromEntries(
      ['nothing at all', 'text that is no JSON', 'an array', 'null', 'an empty object', '10,000 levels of arrays'].map(
        (name) => [name, BODIES[name] as string],
      ),
    ),
    'a predicate of 10,000 levels': predicate(10_000),
    'an unknown collection':
      '{"collection":"users; drop table request_log","arguments":{},"collection_relationships":{},"query":{"fields":{}}}',
    'a limit as text':
      '{"collection":"request_log","arguments":{},"collection_relationships":{},"query":{"fields":{},"limit":"5"}}',
    '__proto__ as a collection':
      '{"collection":"__proto__","arguments":{},"collection_relationships":{},"query":{"fields":{}}}',
  };

  it.each(Object.keys(QUERIES))('answers %s with a clear 4xx', async (name) => {
    const response = await postJson(`${service.ndcUrl}/query`, QUERIES[name], bearer);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    const body = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(body).toSorted()).toEqual(['details', 'message']);
    expect(JSON.stringify(body)).not.toMatch(/select |sqlite|stack/i);
  });

  it('asks for its token before it reads', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: TOKEN }]) {
      expect((await postJson(`${service.ndcUrl}/query`, 'no JSON', headers as Record<string, string>)).status).toBe(
        401,
      );
    }
  });
});

describe('GraphQL', () => {
  const QUERIES: Record<string, string> = {
    'a query of 10,000 levels': `{${nested('a{', '}', 10_000)}}`,
    'a thousand aliases': `{${Array.from({ length: 1_000 }, (_, i) => `a${i}: anomalyRecords { id }`).join(' ')}}`,
    'an unknown field': '{ users { password } }',
    'a bad id': 'mutation { labelAnomaly(id: "x", label: "confirmed") { id } }',
  };

  it.each(Object.keys(QUERIES))('answers %s with errors that leak nothing', async (name) => {
    const response = await postJson(
      `${service.apiUrl}/graphql`,
      { query: QUERIES[name] },
      { authorization: `Bearer ${service.adminToken()}` },
    );
    const body = (await response.json()) as { errors?: { message: string }[] };
    expect(body.errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toMatch(/select |sqlite|\.ts:\d+/i);
  });

  it('is closed without a token, and to the wrong one', async () => {
    for (const headers of [{}, { authorization: 'Bearer nonsense' }, auth]) {
      const response = await postJson(`${service.apiUrl}/graphql`, { query: '{ anomalyRecords { id } }' }, headers);
      expect(response.status).toBe(401);
    }
  });
});

describe('after all that', () => {
  it('the process still answers exactly', async () => {
    const before = await rows();
    expect(
      (await postJson(`${service.apiUrl}/hooks/pre-response`, preResponseBody(ordinaryOrders(1)), auth)).status,
    ).toBe(204);
    expect(await rows()).toBe(before + 1);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('no secret and no data stand in its output, even at level debug', () => {
    const output = service.output();
    for (const marked of [SECRET, TOKEN, service.adminToken(), 'y'.repeat(50), 'x'.repeat(50), 'hasura-m-auth']) {
      expect(output.includes(marked), marked.slice(0, 20)).toBe(false);
    }
  });

  async function rows(): Promise<number> {
    const response = await postJson(
      `${service.ndcUrl}/query`,
      {
        collection: 'request_log',
        arguments: {},
        collection_relationships: {},
        query: { aggregates: { n: { type: 'star_count' } } },
      },
      bearer,
    );
    const [set] = (await response.json()) as [{ aggregates: { n: number } }];
    return set.aggregates.n;
  }
});
