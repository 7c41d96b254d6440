import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forbidden } from '../../../core/domain/errors.ts';
import { PLUGIN_FASTIFY_OPTIONS } from '../../../plugin/fastify-options.ts';
import { registerRest } from '../../../plugin/rest/rest.ts';
import { setNotFoundHandler } from '../../../plugin/rest/rest-errors.ts';
import { type FakeServices, HOOK_OPTIONS, NOW, SECRET, analysisOf, createFakeServices } from '../fake-services.ts';

let services: FakeServices;
let app: FastifyInstance;
beforeEach(async () => {
  services = createFakeServices();
  app = Fastify(PLUGIN_FASTIFY_OPTIONS);
  registerRest(app, services, HOOK_OPTIONS);
  setNotFoundHandler(app, services);
  await app.ready();
});
afterEach(() => app.close());

type Method = 'GET' | 'POST' | 'DELETE' | 'PUT';

async function call(method: Method, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await app.inject({
    method,
    url,
    headers: {
      'hasura-m-auth': SECRET,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(url === '/anomalies' && { 'x-hasura-role': 'support', 'x-hasura-user': 'ann' }),
      ...headers,
    },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.statusCode, json: response.json<Record<string, unknown>>() };
}

const TIMESTAMP = '2026-03-10T12:00:00.000Z';
const RAW = { query: '{ c: customers { id name } }', variables: null, operationName: null };
const DATA = {
  c: [
    { id: 1, name: 'Ann' },
    { id: 2, name: 'Bob' },
  ],
};

describe('POST /anomalies', () => {
  const post = (body: unknown, headers = {}) => call('POST', '/anomalies', body, headers);

  it.each<[string, unknown, object]>([
    ['no rawRequest', { response: {} }, { error: 'rawRequest is required' }],
    ['a list', [1], { error: 'rawRequest is required' }],
    ['no response', { rawRequest: RAW }, { error: 'response is required' }],
    ['an empty object', {}, { error: 'Request body is required' }],
    [
      'a rawRequest without its keys',
      { rawRequest: { query: '{a}' }, response: {} },
      { error: 'Invalid rawRequest format', missing: ['variables', 'operationName'] },
    ],
    [
      'a query that is null',
      { rawRequest: { ...RAW, query: null }, response: {} },
      { error: 'Invalid rawRequest format', missing: ['query'] },
    ],
    ['a rawRequest that is null', { rawRequest: null, response: {} }, { error: 'Invalid request format' }],
    ['no JSON', '{"rawRequest":', { error: 'Invalid request format' }],
    ['NaN', '{"rawRequest":NaN}', { error: 'Invalid request format' }],
    ['nothing', '', { error: 'Invalid request format' }],
    ['a number', '5', { error: 'Invalid request format' }],
    [
      'a response that is null',
      { rawRequest: RAW, response: null },
      { error: 'response must be an object with dataset keys' },
    ],
    [
      'a response that is a list',
      { rawRequest: RAW, response: [] },
      { error: 'response must be an object with dataset keys' },
    ],
    [
      'introspection',
      {
        rawRequest: {
          ...RAW,
          query: 'query IntrospectionQuery { __schema { types { name } } }',
          operationName: 'IntrospectionQuery',
        },
        response: {},
      },
      { error: 'Introspection queries are not allowed' },
    ],
    [
      'introspection under another name',
      { rawRequest: { ...RAW, query: 'query Q { __typename s: __schema { types { name } } }' }, response: {} },
      { error: 'Introspection queries are not allowed' },
    ],
  ])('answers 400 as the original did to %s', async (_, body, json) => {
    expect(await post(body)).toEqual({ status: 400, json });
    expect(services.observations).toEqual([]);
  });

  it('answers 400 without the role header', async () => {
    expect(await post({ rawRequest: RAW, response: {} }, { 'x-hasura-role': '' })).toEqual({
      status: 400,
      json: { error: 'Missing required headers', missing: ['X-Hasura-Role'] },
    });
  });

  it('answers 400 to another content type', async () => {
    const body = { rawRequest: RAW, response: {} };
    expect((await post(body, { 'content-type': 'text/plain' })).json).toEqual({ error: 'Invalid request format' });
    expect((await post(body, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
  });

  it.each([
    [{ 'hasura-m-auth': 'wrong' }],
    [{ 'hasura-m-auth': '' }],
    [{ authorization: 'Bearer nonsense' }],
    [{ authorization: 'Basic abc' }],
  ])('answers 400 to the credentials %j', async (headers) => {
    expect((await post({ rawRequest: RAW, response: { data: DATA } }, headers)).status).toBe(400);
    expect(services.observations).toEqual([]);
  });

  it('takes a bearer token instead of the secret', async () => {
    const headers = { 'hasura-m-auth': '', authorization: 'Bearer token-viewer' };
    expect((await post({ rawRequest: RAW, response: { data: DATA } }, headers)).status).toBe(200);
  });

  it('answers with the results by dataset', async () => {
    const { status, json } = await post({ rawRequest: RAW, response: { data: DATA } });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      results: { customers: { processed_records: 2, is_anomaly: false, score: null, anomalous_records: 0 } },
      metadata: {
        timestamp: TIMESTAMP,
        query_hash: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        query_id: expect.stringMatching(/^graphql:1:/) as string,
        operation_name: null,
        total_records: 2,
        total_anomalies: 0,
        datasets_processed: 1,
        datasets_skipped: [],
        status: 'completed',
      },
    });
  });

  it.each<[string, unknown, string[]]>([
    ['data null', { data: null, errors: [{ message: 'x' }] }, []],
    ['errors only', { errors: [{ message: 'x' }] }, []],
    ['a scalar', { data: { a: 5, b: 'text', c: true } }, []],
    ['null and empty lists', { data: { a: null, b: [] } }, []],
    ['a single object', { data: { a: { id: 1 } } }, ['a']],
    ['lists of scalars and lists', { data: { a: [1, [2], null, 'x', { id: 1 }] } }, ['a']],
    ['a column called data', { data: { a: [{ data: { id: 1 } }, { data: 5 }] } }, ['a']],
    ['nested rows', { data: { a: [{ id: 1, b: [{ id: 2 }] }] } }, ['a', 'a.b']],
  ])('answers 200 to %s', async (_, response, names) => {
    const query = '{ a { id data b { id } } b { id } c { id } }';
    const { status, json } = await post({ rawRequest: { ...RAW, query }, response });
    expect(status).toBe(200);
    expect(Object.keys(json['results'] as object)).toEqual(names);
  });

  it('answers 200 to a query that does not parse', async () => {
    const { status, json } = await post({
      rawRequest: { ...RAW, query: '{ a' },
      response: { data: { a: [{ id: 1 }] } },
    });
    expect([status, Object.keys(json['results'] as object)]).toEqual([200, ['a']]);
  });

  it('skips excluded datasets and says so', async () => {
    const query = '{ my_dq_table { id } customers { id } }';
    const response = { data: { my_dq_table: [{ id: 1 }], customers: [{ id: 1 }] } };
    const { json } = await post({ rawRequest: { ...RAW, query }, response });
    expect(Object.keys(json['results'] as object)).toEqual(['customers']);
    expect(json['metadata']).toMatchObject({ datasets_processed: 1, datasets_skipped: ['my_dq_table'] });
  });

  it('takes the caller from the session, else from the headers', async () => {
    const session = { role: 'admin', variables: { 'x-hasura-user-id': { Parsed: '1' } } };
    await post({ rawRequest: RAW, response: { data: DATA }, session });
    await post({ rawRequest: RAW, response: { data: DATA }, session: null });
    expect(services.observations.map(({ principal }) => [principal.role, principal.userId])).toEqual([
      ['admin', '1'],
      ['support', 'ann'],
    ]);
  });

  it("reports what was found in the original's fields and in the short form", async () => {
    services.analysis = (observation) => ({
      anomalous: true,
      datasets: [
        {
          ...(analysisOf(observation).datasets[0] as NonNullable<ReturnType<typeof analysisOf>['datasets'][0]>),
          baseline: { rung: 'shape', records: 500, modelVersion: 2 },
          featuresUsed: 2,
          scores: new Float64Array([0.4, 0.8]),
          pValues: new Float64Array([0.6, 0.001]),
          flagged: [1],
          findings: [
            {
              kind: 'unusual_value',
              subject: { kind: 'record', dataset: 'customers', index: 1 },
              severity: 'critical',
              p: 0.001,
              score: 0.8,
              reason: 'name is unusual',
              fields: [],
            },
          ],
          statistics: [
            {
              field: 'id',
              type: 'numeric',
              count: 2,
              nullCount: 0,
              missingCount: 0,
              uniqueCount: 2,
              averageLength: null,
              min: 1,
              max: 2,
              mean: 1.5,
              median: 1.5,
              standardDeviation: 0.5,
              topValues: [],
            },
          ],
        },
      ],
      queryFindings: [
        {
          kind: 'new_field',
          subject: { kind: 'query' },
          severity: 'medium',
          p: null,
          score: null,
          reason: 'first read of name',
          fields: [],
        },
      ],
      recommendations: ['Look at it.'],
    });
    const { json } = await post({ rawRequest: RAW, response: { data: DATA } });
    expect(json['metadata']).toMatchObject({ total_anomalies: 1 });
    expect((json['results'] as Record<string, unknown>)['customers']).toMatchObject({
      is_anomaly: true,
      score: -0.8,
      model_details: { model_type: 'isolation_forest', features_used: 2 },
      security_concerns: [{ type: 'new_field', severity: 'medium', category: 'security_concern', record_index: -1 }],
      anomalous_records: 1,
      statistical_flags: 1,
      statistical_details: [
        { record: { id: 2, name: 'Bob' }, score: -0.8, index: 1, features: [2, null], timestamp: TIMESTAMP },
      ],
      query_analysis: {
        anomalies_detected: true,
        analysis_mode: 'comparative',
        records: [
          { record_index: 1, reason: 'name is unusual', risk_level: 'high', category: 'range_violation' },
          { record_index: -1, reason: 'first read of name', risk_level: 'medium', category: 'security_concern' },
        ],
        query_pattern_analysis: { typical: false, concerns: ['first read of name'], recommendations: ['Look at it.'] },
        statistical_analysis: {
          new_data_stats: { record_count: 2, fields: { id: { type: 'numeric', numeric_stats: { mean: 1.5 } } } },
        },
        metadata: { historical_queries_analyzed: 500, status: 'active' },
      },
      recommendations: ['Look at it.'],
    });
  });

  it.each(['deferred', 'dropped'] as const)('answers 503 where the effects were %s', async (stored) => {
    services.stored = stored;
    expect(await post({ rawRequest: RAW, response: { data: DATA } })).toMatchObject({
      status: 503,
      json: { code: 'STORE_UNAVAILABLE' },
    });
  });

  it('answers 500 without a word of what went wrong inside', async () => {
    services.observe = () => Promise.reject(new Error('INSERT INTO secrets VALUES (42)'));
    const { status, json } = await post({ rawRequest: RAW, response: { data: DATA } });
    expect([status, json['error']]).toEqual([500, 'Internal server error']);
    expect(JSON.stringify(json)).not.toContain('secrets');
    expect(services.errors).toHaveLength(1);
  });
});

describe('the routes about one query', () => {
  const HASH = 'a'.repeat(32);
  const ID = `graphql:1:${'b'.repeat(32)}` as const;
  beforeEach(() => {
    const overview = {
      queryId: ID,
      queryHash: HASH,
      historicalRecords: 3,
      model: { version: 2, features: 7, records: 500, trainedAt: NOW },
    };
    services.known.set(HASH, overview).set(ID, overview);
  });

  it.each([HASH, ID])("take our id and the original's: %s", async (id) => {
    const modelInfo = {
      status: 'active',
      model_type: 'isolation_forest',
      query_hash: HASH,
      features: 7,
      version: 2,
      records: 500,
      timestamp: TIMESTAMP,
    };
    const identity = { query_id: ID, query_hash: HASH, timestamp: TIMESTAMP };
    expect(await call('GET', `/model/${id}`)).toEqual({ status: 200, json: { ...identity, model_info: modelInfo } });
    expect(await call('GET', `/stats/${id}`)).toEqual({
      status: 200,
      json: { ...identity, historical_records: 3, model_info: modelInfo, status: 'active' },
    });
    expect(await call('GET', `/history/${id}?limit=1&offset=1`)).toEqual({
      status: 200,
      json: { ...identity, record_count: 3, data: [{ data: { id: 1 }, timestamp: TIMESTAMP }] },
    });
    expect(await call('DELETE', `/history/${id}`)).toEqual({
      status: 200,
      json: { ...identity, success: true, records_cleared: 3, message: 'History cleared successfully' },
    });
    expect(services.cleared).toMatchObject([{ actor: { name: 'engine', role: 'operator' } }]);
  });

  it('say no_model while a query still learns', async () => {
    services.known.set(HASH, { queryId: ID, queryHash: HASH, historicalRecords: 1, model: null });
    expect((await call('GET', `/model/${HASH}`)).json).toMatchObject({ model_info: { status: 'no_model' } });
  });

  it.each<[Method, string]>([
    ['GET', '/history/'],
    ['DELETE', '/history/'],
    ['GET', '/model/'],
    ['POST', '/analyze/'],
    ['GET', '/stats/'],
  ])('answer 404 to an id that was never seen: %s %s', async (method, path) => {
    for (const id of ['c'.repeat(32), 'nonsense', `graphql:1:${'c'.repeat(32)}`, '..%2f..', 'x'.repeat(90)]) {
      expect(await call(method, path + id, method === 'POST' ? { id: 1 } : undefined)).toMatchObject({
        status: 404,
        json: { error: expect.any(String) as string },
      });
    }
    expect(services.cleared).toEqual([]);
  });

  it.each<[Method, string]>([
    ['GET', `/history/${HASH}`],
    ['DELETE', `/history/${HASH}`],
    ['GET', `/model/${HASH}`],
    ['POST', `/analyze/${HASH}`],
    ['GET', `/stats/${HASH}`],
  ])('ask for credentials: %s %s', async (method, url) => {
    const body = method === 'POST' ? { id: 1 } : undefined;
    expect((await call(method, url, body, { 'hasura-m-auth': 'wrong' })).status).toBe(401);
    expect((await call(method, url, body, { authorization: 'Bearer nonsense' })).status).toBe(401);
    const asViewer = await call(method, url, body, { authorization: 'Bearer token-viewer' });
    expect(asViewer.status).toBe(method === 'GET' ? 200 : 403);
  });

  it('analyse one record', async () => {
    expect(await call('POST', `/analyze/${HASH}`, { id: 5 })).toEqual({
      status: 200,
      json: { query_id: ID, query_hash: HASH, analysis: null, timestamp: TIMESTAMP },
    });
  });

  it.each([['[1]'], ['5'], ['null'], ['{'], ['']])('answer 400 to a record that is none: %s', async (body) => {
    expect(await call('POST', `/analyze/${HASH}`, body)).toMatchObject({ status: 400, json: { code: 'RECORD' } });
  });

  it.each(['limit=0x10', 'limit=-1', 'limit=1001', 'offset=1.5', 'limit=', 'limit=1&limit=2'])(
    'refuse the page %s',
    async (page) => {
      expect(await call('GET', `/history/${HASH}?${page}`)).toMatchObject({ status: 400, json: { code: 'PAGE' } });
    },
  );

  it("answer with the status of the error's kind", async () => {
    services.queries.clearHistory = () => Promise.reject(forbidden('VERB_FORBIDDEN', 'not you'));
    expect(await call('DELETE', `/history/${HASH}`)).toMatchObject({
      status: 403,
      json: { error: 'not you', code: 'VERB_FORBIDDEN' },
    });
  });
});

describe('the surface', () => {
  it('has a health route without credentials', async () => {
    expect(await call('GET', '/health', undefined, { 'hasura-m-auth': '' })).toEqual({
      status: 200,
      json: { status: 'healthy', timestamp: TIMESTAMP, excluded_patterns: ['dq_.*'], analyst: 'off' },
    });
  });

  it.each<[Method, string, number]>([
    ['GET', '/nowhere', 404],
    ['GET', '/anomalies', 405],
    ['PUT', '/history/x', 405],
    ['POST', '/stats/x', 405],
    ['DELETE', '/health', 405],
  ])('answers %s %s with %i as JSON', async (method, url, status) => {
    expect(await call(method, url)).toMatchObject({
      status,
      json: { error: expect.any(String) as string, timestamp: TIMESTAMP },
    });
  });

  it('refuses a body over its limit with 413', async () => {
    const small = Fastify({ ...PLUGIN_FASTIFY_OPTIONS, bodyLimit: 100 });
    registerRest(small, services, HOOK_OPTIONS);
    const response = await small.inject({
      method: 'POST',
      url: '/anomalies',
      headers: { 'hasura-m-auth': SECRET },
      payload: 'x'.repeat(200),
    });
    expect([response.statusCode, response.json<{ status: string }>().status]).toEqual([413, 'error']);
    await small.close();
  });
});
