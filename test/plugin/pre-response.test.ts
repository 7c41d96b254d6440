import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MaskSpec } from '../../core/domain/kill-switch-rule.ts';
import { type FakeServices, type HookClient, NOW, createFakeServices, hookBody, startHooks } from './fake-services.ts';

const URL = '/hooks/pre-response';
const SYNC = '/hooks/pre-response?mode=synchronous';
const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const OTHER_SPAN = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-00000000000000aa-01' };

let services: FakeServices;
let client: HookClient;
beforeEach(async () => {
  services = createFakeServices();
  client = await startHooks(services);
});
afterEach(() => client.close());

const QUERY = 'query Q { c: customers(limit: 2) { id n: name } }';
const RESPONSE = {
  data: {
    c: [
      { id: 1, n: 'Ann' },
      { id: 2, n: 'Bob' },
    ],
  },
};
const BODY = hookBody(QUERY, { response: RESPONSE });

describe('observing a response', () => {
  it('answers 204 after the effects are durable', async () => {
    expect(await client.call(URL, BODY, { 'x-request-id': 'r-1', ...TRACE })).toEqual({ status: 204, json: null });
    expect(services.observations).toMatchObject([
      {
        source: 'graphql',
        at: NOW,
        receivedAt: NOW,
        traceId: '0af7651916cd43dd8448eb211c80319c',
        requestId: 'r-1',
        principal: { role: 'support', userId: '17' },
        operationName: 'Q',
        arguments: [{ path: 'customers.limit', value: 2 }],
        datasets: [{ name: 'customers', recordCount: 2 }],
        errorCount: 0,
        killed: false,
      },
    ]);
    expect(services.events).toEqual(['observed', 'continued']);
  });

  it.each([['deferred'], ['dropped'], ['duplicate']] as const)('answers 204 and counts what was %s', async (stored) => {
    services.stored = stored;
    expect((await client.call(URL, BODY)).status).toBe(204);
    expect(services.events).toContain(stored);
  });

  it('answers 204 when the store takes longer than the deadline', async () => {
    const hasty = await startHooks(services, { observeDeadlineMs: 10 });
    services.observe = () => new Promise(() => undefined);
    expect((await hasty.call(URL, BODY)).status).toBe(204);
    expect(services.events).toContain('deadline_exceeded');
    await hasty.close();
  });

  it('drops and counts what would hold too many or too large bodies at once', async () => {
    const full = await startHooks(services, { maxPending: 2, maxPendingCharacters: 1 });
    const release: (() => void)[] = [];
    services.observe = (observation) =>
      new Promise((resolve) => {
        release.push(() => resolve({ analysis: { observation } as never, stored: 'committed' }));
      });
    const first = full.call(URL, BODY);
    await expect.poll(() => release.length).toBe(1);
    expect((await full.call(URL, BODY)).status).toBe(204);
    expect(services.events).toEqual(['dropped', 'continued']);
    release[0]?.();
    expect((await first).status).toBe(204);
    await full.close();
  });

  it('takes the event time from the configured header, in either form', async () => {
    await client.call(URL, BODY, { 'x-event-time': '2026-01-02T03:04:05.678Z' });
    await client.call(URL, BODY, { 'x-event-time': String(Date.parse('2026-01-02T03:04:05.678Z')) });
    await client.call(URL, BODY, { 'x-event-time': 'yesterday' });
    const expected = Date.parse('2026-01-02T03:04:05.678Z');
    expect(services.observations.map(({ at }) => at)).toEqual([expected, expected, NOW]);
  });

  it('gives the same delivery the same key, and every delivery another without a trace', async () => {
    for (const headers of [TRACE, TRACE, OTHER_SPAN, {}, {}]) await client.call(URL, BODY, headers);
    await client.call(URL, hookBody(QUERY, { response: { data: { c: [] } } }), TRACE);
    const keys = services.observations.map(({ deliveryKey }) => deliveryKey);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(5);
  });

  it.each([
    ['errors only', { errors: [{ message: 'x' }, { message: 'y' }] }, 2, 0],
    ['data null', { data: null, errors: [{ message: 'x' }] }, 1, 0],
    ['partial data', { data: { c: [{ id: 1 }] }, errors: [{ message: 'x' }] }, 1, 1],
  ])('observes a response with %s', async (_, response, errorCount, datasets) => {
    await client.call(URL, hookBody(QUERY, { response }));
    expect(services.observations[0]).toMatchObject({ errorCount });
    expect(services.observations[0]?.datasets).toHaveLength(datasets);
  });

  it('observes the data of a query it was not sent, by response keys', async () => {
    await client.call(URL, hookBody(null, { response: RESPONSE }));
    expect(services.observations[0]).toMatchObject({
      shape: { text: 'unreadable(absent)' },
      datasets: [{ name: 'c' }],
    });
  });

  it('leaves out excluded datasets, and requests for nothing else', async () => {
    const query = '{ my_dq_table { id } customers { id } }';
    await client.call(
      URL,
      hookBody(query, { response: { data: { my_dq_table: [{ id: 1 }], customers: [{ id: 1 }] } } }),
    );
    await client.call(URL, hookBody('{ dq_rules { id } }', { response: { data: { dq_rules: [{ id: 1 }] } } }));
    expect(services.observations.map(({ datasets }) => datasets.map(({ name }) => name))).toEqual([['customers']]);
  });
});

describe('the response of a request that a rule refused', () => {
  beforeEach(() => {
    services.decision = () => ({
      terminal: { action: { type: 'respond', body: { data: { c: [] } } }, ruleKey: 'k', message: 'm', until: null },
    });
  });
  const own = hookBody(QUERY, { response: { data: { c: [] } } });

  it('is not learnt from: known by its trace', async () => {
    await client.call('/hooks/pre-parse', hookBody('{ other { id } }'), TRACE);
    await client.call(URL, own, OTHER_SPAN);
    expect(services.observations).toEqual([]);
    expect(services.events).toContain('killed_response');
  });

  it('is not learnt from: known by the request where the trace is another', async () => {
    await client.call('/hooks/pre-parse', hookBody(QUERY), TRACE);
    await client.call(URL, own);
    expect(services.observations).toEqual([]);
  });

  it.each([
    [{ data: null, errors: [{ message: 'm', extensions: { code: 'KILL_SWITCH' } }] }],
    [{ data: null, errors: [{ message: 'User error', extensions: { details: { code: 'KILL_SWITCH' } } }] }],
  ])('is not learnt from: known by its code, as another instance sent it %#', async (response) => {
    await client.call(URL, hookBody(QUERY, { response }));
    expect(services.observations).toEqual([]);
  });

  it.each([
    ['other requests of the same caller', hookBody('{ orders { id } }', { response: { data: { orders: [] } } }), {}],
    ['other requests of the same trace', hookBody('{ orders { id } }', { response: { data: { orders: [] } } }), TRACE],
    ['the same request once the engine answers it again', hookBody(QUERY, { response: RESPONSE }), OTHER_SPAN],
  ])('does not hide %s', async (_, body, headers) => {
    await client.call('/hooks/pre-parse', hookBody(QUERY), TRACE);
    await client.call(URL, body, headers);
    expect(services.observations).toHaveLength(1);
  });
});

describe('the response of a request that a rule stripped', () => {
  it('is recorded as such, once per stripped request', async () => {
    services.decision = () => ({ strip: ['customers.name'], matched: ['log', 'strip'], changedBy: 'strip' });
    await client.call('/hooks/pre-parse', hookBody(QUERY), TRACE);
    await client.call(URL, hookBody(QUERY, { response: { data: { c: [{ id: 1 }] } } }));
    await client.call(URL, BODY);
    expect(services.enforcements).toEqual([{ verdict: 'rewritten', ruleKey: 'strip' }, undefined]);
  });

  it('is recorded where the engine shows the request as the rule left it, and only once in either form', async () => {
    services.decision = () => ({ strip: ['customers.name'], changedBy: 'strip' });
    const sent = hookBody(QUERY, { response: { data: { c: [{ id: 1 }] } } });
    const { json } = await client.call('/hooks/pre-parse', hookBody(QUERY), TRACE);
    const rewritten = { ...sent, rawRequest: json };
    await client.call(URL, rewritten);
    await client.call(URL, rewritten);
    await client.call(URL, sent);
    expect(services.enforcements).toEqual([{ verdict: 'rewritten', ruleKey: 'strip' }, undefined, undefined]);
  });

  it('is told from that of another caller', async () => {
    services.decision = () => ({ strip: ['customers.name'], changedBy: 'strip' });
    await client.call('/hooks/pre-parse', hookBody(QUERY), TRACE);
    const session = { role: 'other', variables: {} };
    await client.call(URL, hookBody(QUERY, { session, response: RESPONSE }), TRACE);
    expect(services.enforcements).toEqual([undefined]);
  });
});

describe('synchronous use', () => {
  const mask = (...masks: MaskSpec[]) => {
    services.decision = () => ({ mask: masks });
  };

  it('answers 204 where no rule matches, and observes nothing', async () => {
    expect(await client.call(SYNC, BODY)).toEqual({ status: 204, json: null });
    await client.close();
    expect(services.observations).toEqual([]);
    expect(services.facts).toMatchObject([{ stage: 'pre-response' }]);
  });

  it('masks by name, and keeps the rest of the response', async () => {
    mask({ path: 'customers.name', mask: 'keep_last', count: 1 });
    const response = { ...RESPONSE, errors: [{ message: 'x' }], extensions: { a: 1 } };
    expect(await client.call(SYNC, hookBody(QUERY, { response }))).toEqual({
      status: 200,
      json: {
        data: {
          c: [
            { id: 1, n: '**n' },
            { id: 2, n: '**b' },
          ],
        },
        errors: [{ message: 'x' }],
        extensions: { a: 1 },
      },
    });
  });

  it('masks with a keyed hash that is the same for the same value', async () => {
    mask({ path: 'customers.name', mask: 'hash' });
    const { json } = await client.call(
      SYNC,
      hookBody(QUERY, { response: { data: { c: [{ n: 'Ann' }, { n: 'Ann' }, { n: 'Bob' }] } } }),
    );
    const [first, second, third] = (json as { data: { c: { n: string }[] } }).data.c.map(({ n }) => n);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect([second, third === first]).toEqual([first, false]);
  });

  it('observes afterwards, the response as it was, when asked to', async () => {
    services.decision = () => ({ mask: [{ path: 'customers.name', mask: 'null' }], changedBy: 'hide' });
    expect((await client.call(`${SYNC}&observe=true`, BODY)).status).toBe(200);
    await client.close();
    expect(services.enforcements).toEqual([{ verdict: 'masked', ruleKey: 'hide' }]);
    expect(services.observations[0]?.datasets[0]?.columns[1]).toEqual({ path: 'name', cells: ['Ann', 'Bob'] });
  });

  it('blocks with 200 and a GraphQL error, since a 400 may not reach the client', async () => {
    services.decision = () => ({ terminal: { action: { type: 'block' }, ruleKey: 'k', message: 'm', until: null } });
    expect(await client.call(SYNC, BODY)).toEqual({
      status: 200,
      json: { data: null, errors: [{ message: 'm', extensions: { code: 'KILL_SWITCH', ruleKey: 'k', until: null } }] },
    });
  });

  it('passes refusals and errors through, so that their status stays', async () => {
    services.decision = () => ({ terminal: { action: { type: 'block' }, ruleKey: 'k', message: 'm', until: null } });
    expect((await client.call(SYNC, hookBody(QUERY, { response: { data: null, errors: [] } }))).status).toBe(204);
  });

  it('withholds a response whose document is beyond our limits rather than miss a field', async () => {
    mask({ path: 'customers.name', mask: 'null' });
    const body = hookBody(`{ c: customers { n: name } ${'x '.repeat(30_000)} }`, { response: RESPONSE });
    const { status, json } = await client.call(SYNC, body);
    expect(status).toBe(200);
    expect(JSON.stringify(json)).not.toContain('Ann');
  });

  it('withholds a response that cannot be written again', async () => {
    mask({ path: 'customers.name', mask: 'null' });
    const nested = '['.repeat(100_000) + ']'.repeat(100_000);
    const body = JSON.stringify(BODY).replace('"id":1', `"id":${nested}`);
    expect(await client.call(SYNC, body)).toMatchObject({ status: 200, json: { data: null } });
  });

  it('masks inside a JSON value, and withholds the response where a text stands for it', async () => {
    mask({ path: 'customers.addr.zip', mask: 'fixed', text: 'x' });
    const answer = (a: unknown) =>
      client.call(SYNC, hookBody('{ c: customers { a: addr } }', { response: { data: { c: [{ a }] } } }));
    expect((await answer({ zip: '1010', city: 'Wien' })).json).toEqual({
      data: { c: [{ a: { zip: 'x', city: 'Wien' } }] },
    });
    const { status, json } = await answer('{"zip":"1010"}');
    expect(status).toBe(200);
    expect(json).toMatchObject({ data: null, errors: [{ extensions: { code: 'KILL_SWITCH' } }] });
  });

  it('masks by response keys where the hook is not sent the query', async () => {
    mask({ path: 'c.n', mask: 'fixed', text: 'x' });
    expect((await client.call(SYNC, hookBody(null, { response: RESPONSE }))).json).toMatchObject({
      data: { c: [{ n: 'x' }, { n: 'x' }] },
    });
  });
});
