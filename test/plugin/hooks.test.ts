import { afterEach, describe, expect, it } from 'vitest';
import { HOOK_STATUSES } from '../../plugin/hook-reply.ts';
import { HOOK_ROUTES } from '../../plugin/hooks.ts';
import { ALBUM_QUERY, ALBUM_RESPONSE } from '../core/document/ndc-requests.ts';
import {
  type FakeServices,
  type HookClient,
  SECRET,
  createFakeServices,
  hookBody,
  startHooks,
} from './fake-services.ts';
import { seededRandom } from '../support/seeded-random.ts';

let client: HookClient | undefined;
afterEach(async () => {
  await client?.close();
  client = undefined;
});

async function start(services: FakeServices = createFakeServices(), options = {}): Promise<HookClient> {
  client = await startHooks(services, options);
  return client;
}

const NDC_BODY = {
  session: null,
  dataConnectorName: { subgraph: 'app', name: 'chinook' },
  operationType: 'query',
  ndcVersion: 'v0.2.0',
  ndcRequest: ALBUM_QUERY,
  ndcResponse: ALBUM_RESPONSE,
};

/** Bodies that no engine should send, and some that only look odd. */
const ODD_BODIES: [string, string][] = [
  ['nothing', ''],
  ['malformed JSON', '{"session":'],
  ['NaN', '{"response":{"data":{"a":[{"x":NaN}]}}}'],
  ['null', 'null'],
  ['a list', '[{"session":{}}]'],
  ['a text', '"text"'],
  ['an empty object', '{}'],
  ['parts of wrong types', '{"session":5,"rawRequest":"x","response":[]}'],
  [
    'more wrong types',
    '{"session":{"variables":[]},"rawRequest":{"query":5,"variables":"x","operationName":{}},"response":{"data":7,"errors":{}}}',
  ],
  ['a session of nulls', '{"session":null,"rawRequest":null,"response":null}'],
  [
    '10,000 levels',
    `{"response":{"data":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}},"rawRequest":{"query":"{a}"}}`,
  ],
  [
    '10,000 lists',
    `{"response":{"data":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}},"rawRequest":{"query":"{a}"}}`,
  ],
  [
    '10,000 levels of variables',
    `{"rawRequest":{"query":"query Q($a:A){a(a:$a)}","variables":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}}`,
  ],
  ['10,000 levels of query', JSON.stringify(hookBody('{a'.repeat(10_000), { response: { data: null } }))],
  [
    'keys of Object.prototype',
    '{"__proto__":{"x":1},"constructor":{"prototype":{"y":1}},"rawRequest":{"query":"{a{b}}"},"response":{"data":{"a":[{"__proto__":{"z":1},"constructor":{"prototype":{"w":1}},"b":1}]}}}',
  ],
  [
    'texts of 1 MB',
    JSON.stringify(
      hookBody(`{ a(x: "${'x'.repeat(1_000_000)}") }`, { response: { data: { a: [{ b: 'y'.repeat(1_000_000) }] } } }),
    ),
  ],
  ['a GraphQL body', JSON.stringify(hookBody('{a{b}}', { response: { data: { a: [{ b: 1 }] } } }))],
  ['an NDC body', JSON.stringify(NDC_BODY)],
  [
    'a relational body',
    JSON.stringify({ ...NDC_BODY, ndcRequest: { root_relation: {} }, ndcResponse: { rows: [[1]] } }),
  ],
];

describe.each(HOOK_ROUTES)('%s', (url) => {
  it.each(ODD_BODIES)('answers %s within the protocol', async (_, body) => {
    const services = createFakeServices();
    const { call } = await start(services);
    const { status } = await call(url, body);
    expect([204, 400]).toContain(status);
    expect(services.errors).toEqual([]);
  });

  it('answers 400 with a message to a body that is no JSON object', async () => {
    const { call } = await start();
    expect(await call(url, '{"session":')).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('JSON') as string },
    });
  });

  it.each([[{ 'hasura-m-auth': 'wrong' }], [{ 'hasura-m-auth': '' }]])(
    'answers 400 to a wrong secret %j',
    async (headers) => {
      const services = createFakeServices();
      const { call } = await start(services);
      expect(await call(url, hookBody('{a}'), headers)).toMatchObject({
        status: 400,
        json: { message: expect.any(String) as string },
      });
      expect(services.events).toEqual(['bad_secret']);
    },
  );

  it('accepts the previous secret, and any without one configured', async () => {
    const rotated = await start();
    expect((await rotated.call(url, {}, { 'hasura-m-auth': 'old-secret' })).status).toBe(204);
    await rotated.close();
    const open = await start(createFakeServices(), { secret: null });
    expect((await open.call(url, {}, { 'hasura-m-auth': '' })).status).toBe(204);
  });

  it('answers a body over its limit with 204, after reading it', async () => {
    const services = createFakeServices();
    const { call } = await start(services, { bodyLimitBytes: 1_000 });
    expect(await call(url, JSON.stringify({ x: 'y'.repeat(2_000) }))).toEqual({ status: 204, json: null });
    expect(services.events).toEqual(['body_too_large']);
  });

  it('reads JSON whatever its content type says', async () => {
    const { app } = await start();
    for (const type of ['text/plain', 'application/json; charset=utf-8', 'x/y', '']) {
      const headers = { 'hasura-m-auth': SECRET, ...(type && { 'content-type': type }) };
      const { statusCode } = await app.inject({ method: 'POST', url, headers, payload: '{}' });
      expect(statusCode).toBe(204);
    }
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'] as const)('answers %s within the protocol', async (method) => {
    const { app } = await start();
    const { statusCode } = await app.inject({ method, url, headers: { 'hasura-m-auth': SECRET } });
    expect(statusCode).toBe(400);
  });

  it('continues when everything inside fails', async () => {
    const services = createFakeServices();
    services.decision = () => {
      throw new Error('rules are broken');
    };
    services.observe = () => Promise.reject(new Error('store is broken'));
    const { call, close } = await start(services);
    const body = { ...NDC_BODY, ...hookBody('{a{b}}', { response: { data: { a: [{ b: 1 }] } } }) };
    expect(await call(url, body)).toEqual({ status: 204, json: null });
    await close();
    expect(services.events).toContain('failed');
    expect(services.errors).not.toEqual([]);
  });

  it('asks and observes nothing about our own traffic', async () => {
    const services = createFakeServices();
    services.decision = () => ({ terminal: { action: { type: 'block' }, ruleKey: 'all', message: 'm', until: null } });
    const { call, close } = await start(services);
    const own = hookBody('{ x: anomalyAnalyses { id } createKillSwitchRule { id } }', {
      response: { data: { x: [{ id: 1 }] } },
    });
    expect((await call(url, { ...NDC_BODY, dataConnectorName: 'sentinel', ...own })).status).toBe(204);
    await close();
    expect(services.events).toContain('own_traffic');
    expect([services.observations, services.facts, services.refusals]).toEqual([[], [], []]);
  });
});

it('a request by our alias is not ours', async () => {
  const services = createFakeServices();
  const { call } = await start(services);
  await call(
    '/hooks/pre-response',
    hookBody('{ anomalyAnalyses: customers { id } }', { response: { data: { anomalyAnalyses: [{ id: 1 }] } } }),
  );
  await call(
    '/hooks/pre-response',
    hookBody('{ anomalyAnalyses { id } customers { id } }', { response: { data: { customers: [] } } }),
  );
  expect(services.observations).toHaveLength(2);
});

it('a body of 30 MB is analysed', async () => {
  const services = createFakeServices();
  const { call } = await start(services);
  const rows = Array.from({ length: 30 }, () => ({ b: 'x'.repeat(1_000_000) }));
  const { status } = await call('/hooks/pre-response', hookBody('{ a { b } }', { response: { data: { a: rows } } }));
  expect(status).toBe(204);
  expect(services.observations[0]?.datasets[0]?.recordCount).toBe(30);
});

it('any JSON is answered with a status of the protocol', async () => {
  const services = createFakeServices();
  services.decision = () => ({ mask: [{ path: 'a.b', mask: 'hash' }], strip: ['a.b'], matched: ['r'] });
  const { call } = await start(services);
  const random = seededRandom(20_261_120);
  for (let round = 0; round < 300; round++) {
    const url = HOOK_ROUTES[round % HOOK_ROUTES.length] as string;
    const mode = random() < 0.3 ? '?mode=synchronous&observe=true' : '';
    const { status } = await call(url + mode, randomBody(random));
    expect(HOOK_STATUSES).toContain(status);
  }
  expect(services.errors).toEqual([]);
});

const KEYS = [
  'session',
  'role',
  'variables',
  'rawRequest',
  'query',
  'operationName',
  'response',
  'data',
  'errors',
  'a',
  'b',
  'ndcRequest',
  'ndcResponse',
  'dataConnectorName',
  'name',
  'collection',
  'fields',
  'type',
  'column',
  'rows',
  'operations',
  'predicate',
  'expressions',
  'variables',
  '__proto__',
  'x-hasura-role',
  'Parsed',
];
const LEAVES = [
  null,
  true,
  0,
  -1.5,
  1e300,
  '',
  'x',
  '{ a { b } }',
  'query Q($v: V) { a(v: $v) { b } }',
  'chinook',
  'column',
  'and',
  'not',
  'exists',
  'object',
  '{{{',
];

function randomBody(random: () => number): Record<string, unknown> {
  const body = hookBody('{ a { b } }', { response: { data: { a: [{ b: 1 }] } } });
  return { ...body, ...NDC_BODY, ...(randomValue(random, 5) as object) };
}

function randomValue(random: () => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  if (depth === 0 || (depth < 5 && random() < 0.3)) return pick(LEAVES);
  const length = Math.floor(random() * 5);
  if (depth < 5 && random() < 0.3) return Array.from({ length }, () => randomValue(random, depth - 1));
  return Object.fromEntries(Array.from({ length }, () => [pick(KEYS), randomValue(random, depth - 1)]));
}

it('a span ends with what the engine was told, and with the error that it was not told', async () => {
  const spans: unknown[] = [];
  const fake = createFakeServices();
  const { call } = await start({
    ...fake,
    tracer: {
      start: (name, headers) => ({
        end: (attributes, error) => spans.push({ name, trace: headers['traceparent'], ...attributes, error }),
      }),
    },
  });
  const broken = new Error('rules are broken');
  fake.decision = () => {
    throw broken;
  };
  await call('/hooks/pre-parse', [], { traceparent: 't' });
  await call('/hooks/pre-parse', hookBody('{a}'), { traceparent: 't' });
  const span = { name: 'pre-parse', trace: 't', 'sentinel.hook': 'pre-parse' };
  expect(spans).toEqual([
    { ...span, 'sentinel.verdict': 'refused', 'http.response.status_code': 400, error: undefined },
    { ...span, 'sentinel.verdict': 'continued', 'http.response.status_code': 204, error: broken },
  ]);
});
