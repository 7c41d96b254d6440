import type { QueryResponse } from '@hasura/ndc-sdk-typescript';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../connector/capabilities.ts';
import { createHost, type HostDeps, type NdcHost } from '../../connector/host.ts';
import type { SentinelConnector } from '../../connector/sentinel-connector.ts';
import {
  badRequest,
  conflict,
  forbidden,
  notFound,
  unavailable,
  unprocessable,
  unsupported,
} from '../../core/domain/errors.ts';
import { call, type HttpAnswer, type HttpCall } from '../support/http.ts';

const hosts: NdcHost[] = [];
const logged: { fields: Record<string, unknown>; message: string }[] = [];

afterEach(async () => {
  logged.length = 0;
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

type Query = (body: unknown) => Promise<QueryResponse>;

/** A connector that answers what it was sent, so that these tests see the host alone. */
function echo({
  query = async (request) => [{ rows: [{ echo: request }] }],
  ...overrides
}: Partial<Omit<SentinelConnector, 'query'>> & { readonly query?: Query } = {}): SentinelConnector {
  return {
    parseConfiguration: async () => null,
    tryInitState: async () => null,
    fetchMetrics: async () => undefined,
    getCapabilities: () => CAPABILITIES,
    getSchema: async () => ({ scalar_types: {}, object_types: {}, collections: [], functions: [], procedures: [] }),
    query: async (_configuration, _state, request) => query(request),
    queryJson: async (request) => JSON.stringify(await query(request)),
    queryExplain: async () => ({ details: { plan: 'none' } }),
    mutation: async () => ({ operation_results: [] }),
    mutationExplain: async () => ({ details: {} }),
    ...overrides,
  };
}

function failing(error: Error): SentinelConnector {
  return echo({
    query: async () => {
      throw error;
    },
  });
}

async function serve(deps: Partial<HostDeps> = {}): Promise<(call: HttpCall) => Promise<HttpAnswer>> {
  const log = (fields: object, message: string): void => {
    logged.push({ fields: fields as Record<string, unknown>, message });
  };
  const host = createHost({
    connector: echo(),
    secret: undefined,
    logger: { info: log, warn: log, error: log },
    metrics: () => 'sentinel_up 1\n',
    ...deps,
  });
  hosts.push(host);
  const url = await host.listen({ host: '127.0.0.1', port: 0 });
  return async (request) => call(url, request);
}

describe('routes', () => {
  it.each([
    [{ path: '/capabilities' }, { version: '0.2.13', capabilities: CAPABILITIES }],
    [{ path: '/schema' }, { collections: [] }],
    [{ path: '/query', body: { collection: 'x' } }, [{ rows: [{ echo: { collection: 'x' } }] }]],
    [{ path: '/query/explain', body: {} }, { details: { plan: 'none' } }],
    [{ path: '/mutation', body: {} }, { operation_results: [] }],
    [{ path: '/mutation/explain', body: {} }, { details: {} }],
  ])('answer %j', async (request, expected) => {
    const http = await serve();
    const answer = await http(request);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject(expected);
  });

  it('publish metrics as Prometheus text', async () => {
    const http = await serve();
    const answer = await http({ path: '/metrics' });
    expect(answer).toMatchObject({ status: 200, text: 'sentinel_up 1\n' });
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('answer 200 without a body on /health, and 503 while the connector is not ready', async () => {
    const http = await serve();
    expect(await http({ path: '/health' })).toMatchObject({ status: 200, text: '' });
    const starting = await serve({
      connector: echo({
        getHealthReadiness: async () => {
          throw unavailable('STARTING', 'Migrations are running.');
        },
      }),
    });
    expect(await starting({ path: '/health' })).toMatchObject({
      status: 503,
      json: { message: 'Migrations are running.' },
    });
  });
});

describe('version header', () => {
  it.each([
    ['absent', {}, 200],
    ['0.1.6', { 'X-Hasura-NDC-Version': '0.1.6' }, 400],
    ['0.2.0', { 'X-Hasura-NDC-Version': '0.2.0' }, 200],
    ['0.2.13', { 'X-Hasura-NDC-Version': '0.2.13' }, 200],
    ['0.3.0', { 'X-Hasura-NDC-Version': '0.3.0' }, 400],
    ['garbage', { 'X-Hasura-NDC-Version': 'latest' }, 400],
    ['repeated', { 'X-Hasura-NDC-Version': ['0.2.0', '0.2.0'] }, 400],
  ])('%s on every route', async (_name, headers, status) => {
    const http = await serve();
    for (const request of [
      { path: '/capabilities' },
      { path: '/schema' },
      { path: '/query', body: {} },
      { path: '/mutation', body: {} },
    ]) {
      const answer = await http({ ...request, headers });
      expect(answer.status).toBe(status);
      if (status === 400) expect(answer.json).toMatchObject({ details: { code: 'NDC_VERSION', version: '0.2.13' } });
    }
  });
});

describe('service token', () => {
  it.each([
    ['unset, none sent', undefined, {}, 200],
    ['unset, one sent', undefined, { authorization: 'Bearer anything' }, 200],
    ['empty, none sent', '', {}, 200],
    ['empty, one sent', '', { authorization: 'Bearer ' }, 200],
    ['set, none sent', 'secret', {}, 401],
    ['set, empty sent', 'secret', { authorization: 'Bearer ' }, 401],
    ['set, wrong sent', 'secret', { authorization: 'Bearer secreT' }, 401],
    ['set, a prefix sent', 'secret', { authorization: 'Bearer secre' }, 401],
    ['set, other scheme', 'secret', { authorization: 'Basic secret' }, 401],
    ['set, right sent', 'secret', { authorization: 'Bearer secret' }, 200],
    ['set, right sent in lower case', 'secret', { authorization: 'bearer secret' }, 200],
  ])('%s', async (_name, secret, headers, status) => {
    const http = await serve({ secret });
    const answer = await http({ path: '/schema', headers });
    expect(answer.status).toBe(status);
    if (status === 401)
      expect(answer.json).toEqual({
        message: 'The bearer token is missing or does not match.',
        details: { code: 'TOKEN' },
      });
  });

  it('guards everything but /health, before anything about the request is looked at', async () => {
    const http = await serve({ secret: 'secret' });
    expect((await http({ path: '/health' })).status).toBe(200);
    expect((await http({ method: 'HEAD', path: '/health' })).status).toBe(200);
    expect((await http({ path: '/metrics' })).status).toBe(401);
    expect((await http({ path: '/nowhere' })).status).toBe(401);
    expect((await http({ path: '/query', body: '{broken' })).status).toBe(401);
    expect((await http({ path: '/schema', headers: { 'x-hasura-ndc-version': '9.9.9' } })).status).toBe(401);
  });
});

describe('errors', () => {
  it.each([
    ['an unknown route', { path: '/nowhere' }, 404, 'There is no route GET /nowhere.'],
    ['a wrong method', { path: '/query' }, 404, 'There is no route GET /query.'],
    ['malformed JSON', { path: '/query', body: '{"collection": ' }, 400, 'not JSON'],
    ['an empty body', { path: '/query', body: '' }, 400, 'empty'],
    [
      'a body of another type',
      { path: '/query', body: '{}', headers: { 'content-type': 'text/plain' } },
      415,
      'application/json',
    ],
    ['a path that does not decode', { path: '/%zz' }, 400, '%zz'],
    ['a deep document', { path: '/query', body: '['.repeat(10_000) + ']'.repeat(10_000) }, 400, 'more than 256 levels'],
    ['a document that only opens', { path: '/query', body: '{"a":'.repeat(10_000) }, 400, 'more than 256 levels'],
  ])('have one form: %s', async (_name, request, status, text) => {
    const http = await serve();
    const answer = await http(request);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ message: expect.stringContaining(text), details: expect.any(Object) });
  });

  it('count brackets of the document, not those inside its texts', async () => {
    const http = await serve();
    const text = `\\"[{`.repeat(1_000);
    expect((await http({ path: '/query', body: { text } })).status).toBe(200);
  });

  it('refuse a body over the limit by its announced and by its real size', async () => {
    const http = await serve({ limits: { maxBodyBytes: 1_000 } });
    const expected = {
      status: 413,
      json: { message: 'The body is larger than 1000 bytes.', details: { code: 'FST_ERR_CTP_BODY_TOO_LARGE' } },
    };
    expect(await http({ path: '/query', body: { text: 'x'.repeat(2_000) } })).toMatchObject(expected);
    expect(
      await http({
        path: '/query',
        body: JSON.stringify({ text: 'x'.repeat(2_000) }),
        headers: { 'transfer-encoding': 'chunked' },
      }),
    ).toMatchObject(expected);
  });

  it.each([
    [badRequest('C', 'm', { path: 'query.limit' }), 400, { code: 'C', path: 'query.limit' }],
    [forbidden('C', 'm'), 403, { code: 'C' }],
    [notFound('C', 'm'), 422, { code: 'C' }],
    [conflict('C', 'm', { details: { revision: 7 } }), 409, { code: 'C', revision: 7 }],
    [unprocessable('C', 'm'), 422, { code: 'C' }],
    [unsupported('C', 'm'), 501, { code: 'C' }],
    [unavailable('C', 'm'), 502, { code: 'C' }],
  ])('of the domain become statuses of the protocol: $0.kind', async (error, status, details) => {
    const http = await serve({ connector: failing(error) });
    expect(await http({ path: '/query', body: {} })).toMatchObject({ status, json: { message: 'm', details } });
  });

  it('that nobody foresaw leave with an id that the log knows, and without their text', async () => {
    const http = await serve({
      connector: echo({
        query: async () => {
          throw new Error('relation "secret_table" does not exist');
        },
      }),
    });
    const answer = await http({ path: '/query', body: {} });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret_table');
    const { id } = (answer.json as { details: { id: string } }).details;
    expect(answer.json).toMatchObject({ message: `internal error, id ${id}` });
    const entry = logged.find(({ fields }) => fields['incidentId'] === id);
    expect(entry?.fields['err']).toMatchObject({ message: expect.stringContaining('secret_table') });
  });

  it('of the HTTP layer itself have the same form', async () => {
    const host = createHost({
      connector: echo(),
      secret: undefined,
      logger: { info() {}, warn() {}, error() {} },
      metrics: () => '',
    });
    hosts.push(host);
    const url = new URL(await host.listen({ host: '127.0.0.1', port: 0 }));
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(Number(url.port), url.hostname, () => socket.write('NOT HTTP AT ALL\r\n\r\n'));
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.split('\r\n\r\n')[1] as string)).toMatchObject({ message: expect.any(String), details: {} });
  });
});

describe('the access log', () => {
  const entries = (): Record<string, unknown>[] =>
    logged.map(({ fields }) => fields).filter(({ event }) => event === 'ndc_request');

  it('tells what was asked for, in which trace and how it ended, and nothing of the content', async () => {
    const http = await serve();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await http({ path: '/query', body: { collection: 'albums', arguments: { secret: 1 } }, headers: { traceparent } });
    await http({ path: '/mutation', body: { operations: [{ name: 'rate' }, { name: 'move', arguments: {} }, null] } });
    await http({ path: '/nowhere' });
    await http({ path: '/health' });
    const common = { event: 'ndc_request', ms: expect.any(Number) };
    await expect.poll(entries).toEqual([
      {
        ...common,
        method: 'POST',
        route: '/query',
        target: 'albums',
        traceId: '0af7651916cd43dd8448eb211c80319c',
        status: 200,
      },
      { ...common, method: 'POST', route: '/mutation', target: 'rate, move', status: 200 },
      { ...common, method: 'GET', route: null, status: 404 },
    ]);
  });

  it('bounds what a caller can write into it', async () => {
    const http = await serve();
    await http({
      path: '/query',
      body: { collection: 'x'.repeat(100_000) },
      headers: { traceparent: 'x'.repeat(1_000) },
    });
    await expect.poll(() => String(entries()[0]?.['target']).length).toBe(200);
    expect(entries()[0]).not.toHaveProperty('traceId');
  });
});

it('leaves values as they came: nothing is converted and prototype keys stay data', async () => {
  const http = await serve();
  const answer = await http({
    path: '/query',
    body: '{"limit":"5","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  });
  expect(answer.text).toContain('"limit":"5"');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

it('closes after answering what is in flight', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  let arrived = (): void => {};
  const inFlight = new Promise<void>((resolve) => (arrived = resolve));
  const http = await serve({
    connector: echo({
      query: async () => {
        arrived();
        await gate;
        return [];
      },
    }),
  });
  const answer = http({ path: '/query', body: {} });
  await inFlight;
  const closed = hosts[0]?.close();
  release();
  expect((await answer).status).toBe(200);
  await closed;
  await expect(http({ path: '/capabilities' })).rejects.toThrow();
});
