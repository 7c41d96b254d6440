import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  equals,
  type GuardedSupergraph,
  startGuardedSupergraph,
  synchronously,
} from '../../support/engine/guarded-supergraph.ts';
import { CUSTOMERS, LOGGED, logged, newTrace, settled } from '../../support/engine/request-log.ts';
import { postJson } from '../../support/traffic.ts';

describe('a rule', () => {
  let guarded: GuardedSupergraph;
  beforeAll(async () => {
    guarded = await startGuardedSupergraph({ SENTINEL_LOG_ARGUMENTS: 'values' });
  });
  afterAll(() => guarded.close());

  it('is tried on the arguments of requests that were logged, where their values are kept', async () => {
    const as = 'replayed:5';
    const traces = [newTrace(), newTrace(), newTrace()] as const;
    const [first, second, third] = traces.map(({ headers }) => ({ as, headers }));
    await guarded.graphql('{ a: customers(limit: 2) { id } b: customers(limit: 40) { id } }', first);
    await guarded.graphql('query ($n: Int) { customers(limit: $n) { id } }', { ...second, variables: { n: 3 } });
    await guarded.sql("select id from customers where country = 'AT' limit 2", third);
    for (const trace of traces) await logged(guarded, trace, 1);
    const replay = async (condition: string) => {
      const { apiUrl } = guarded.service;
      const body = { condition: `role == "replayed" and ${condition}` };
      const response = await postJson(`${apiUrl}/kill-switch/replay`, body, {
        'hasura-m-auth': 'secret-of-the-engine',
      });
      const { matched, notKept } = (await response.json()) as Record<string, unknown>;
      return { matched, notKept };
    };
    // The second alias counts, as it does when the request is decided.
    expect(await replay('arguments.customers.limit > 30')).toEqual({ matched: 1, notKept: [] });
    expect(await replay('arguments.customers.limit == 3 and limit == 3')).toEqual({ matched: 1, notKept: [] });
    expect(await replay('collection == "customers" and arguments.customers.country == "AT"')).toEqual({
      matched: 1,
      notKept: [],
    });
    expect(await replay('variables.n == 3')).toEqual({ matched: 0, notKept: ['variables'] });
  });

  it('is prepared and tried by an operator, and switched on by an admin', async () => {
    const rules = `${guarded.service.apiUrl}/kill-switch/rules`;
    const asOperator = async (path: string, body: object) => {
      const response = await postJson(`${rules}${path}`, body, { 'hasura-m-auth': 'secret-of-the-engine' });
      const { code, rule } = (await response.json()) as { code?: string; rule?: { status: string } };
      return [response.status, code ?? rule?.status];
    };
    const draft = { key: 'prepared', condition: 'role == "nobody"' };
    expect(await asOperator('', draft)).toEqual([201, 'draft']);
    expect(await asOperator('/prepared/activate', { status: 'dry_run' })).toEqual([200, 'dry_run']);
    expect(await asOperator('/prepared/activate', { reason: 'now' })).toEqual([403, 'RULE_ADMIN']);
    expect(await asOperator('', { ...draft, key: 'at-once', status: 'active', reason: 'now' })).toEqual([
      403,
      'RULE_ADMIN',
    ]);
    expect(await asOperator('/prepared/archive', {})).toEqual([403, 'VERB_FORBIDDEN']);
  });

  it('blocks quietly: a 200 with an error and nothing that names a plugin', async () => {
    const action = { type: 'block', quiet: true, message: 'Later.' };
    await guarded.withRule({ key: 'quiet', condition: 'operationName == "Customers"', action }, async () => {
      const { status, body } = await guarded.graphql(CUSTOMERS, { operationName: 'Customers' });
      expect(status).toBe(200);
      expect(body).toEqual({
        data: null,
        errors: [
          {
            message: 'Temporarily blocked. Later.',
            extensions: { code: 'KILL_SWITCH', ruleKey: 'quiet', until: null },
          },
        ],
      });
    });
  });

  it('responds in place of the engine; the stored response is not taken for data', async () => {
    const response = { data: { customers: [{ id: 0, name: 'nobody', country: 'AT' }] } };
    const action = { type: 'respond', body: response };
    const trace = newTrace();
    await guarded.withRule({ key: 'canned', condition: '"customers" in rootFields', action }, async () => {
      const asked = guarded.music.queries.length;
      // Without a trace of the client's, the asynchronous hook is called under another one.
      expect(await guarded.graphql(CUSTOMERS, { as: 'untraced' })).toEqual({ status: 200, body: response });
      expect(await guarded.graphql(CUSTOMERS, { headers: trace.headers })).toEqual({ status: 200, body: response });
      expect(guarded.music.queries).toHaveLength(asked);
      await settled(guarded);
      expect(await logged(guarded, trace, 1)).toMatchObject([{ hook: 'pre-parse', verdict: 'responded' }]);
      expect(await guarded.rows('request_log', LOGGED, equals('role', 'untraced'))).toMatchObject([
        { hook: 'pre-parse', verdict: 'responded', record_count: 0 },
      ]);
    });
    // The very same request, answered by the engine again: what it holds is data.
    await guarded.graphql(CUSTOMERS, { as: 'untraced' });
    await settled(guarded);
    const after = await guarded.rows('request_log', LOGGED, equals('role', 'untraced'));
    expect(new Set(after.map(({ hook }) => hook))).toEqual(new Set(['pre-ndc-response', 'pre-parse', 'pre-response']));
  });

  it('hides nothing but the request it refused, where a client sends several under one trace', async () => {
    const trace = newTrace();
    await guarded.withRule({ key: 'one-of-two', condition: '"customers" in rootFields' }, async () => {
      expect((await guarded.graphql(CUSTOMERS, { headers: trace.headers })).status).toBe(400);
      expect((await guarded.graphql('{ artists { id } }', { headers: trace.headers })).status).toBe(200);
    });
    await settled(guarded);
    expect((await logged(guarded, trace, 3)).map(({ hook }) => hook)).toEqual([
      'pre-ndc-response',
      'pre-parse',
      'pre-response',
    ]);
  });

  it.each([
    ['a plain field', '{ customers(limit: 2) { id ssn } }', {}],
    [
      'a field behind an alias and a fragment',
      'query { c: customers(limit: 2) { ...F } } fragment F on Customers { id secret: ssn }',
      {},
    ],
    [
      'a field with variables that it alone used',
      'query Q($with: Boolean!, $n: Int) { customers(limit: $n) { id ssn @include(if: $with) } }',
      { variables: { with: true, n: 2 }, operationName: 'Q' },
    ],
    [
      'a field below a relationship, in one of two operations',
      'query Other { artists { id } } query Q { invoices(limit: 2) { id customer { ...F } } } fragment F on Customers { id ssn }',
      { operationName: 'Q' },
    ],
  ])('strips %s: the client gets the rest', async (what, query, options) => {
    const before = await guarded.graphql(query, options);
    await settled(guarded);
    const trace = newTrace();
    expect(before.body.errors).toBeUndefined();
    expect(JSON.stringify(before.body)).toMatch(/"\d{3}-\d{2}-\d{4}"/);
    const action = { type: 'strip', paths: ['customers.ssn', 'invoices.customer.ssn'] };
    const key = what.replaceAll(/\W+/g, '-');
    await guarded.withRule({ key, condition: 'role == "support"', action }, async () => {
      const { status, body } = await guarded.graphql(query, { ...options, headers: trace.headers });
      expect(status).toBe(200);
      expect(body).toEqual(withoutSsn(before.body));
      expect(JSON.stringify(guarded.music.queries.at(-1))).not.toContain('"ssn"');
      expect(await logged(guarded, trace, 2)).toMatchObject([
        { hook: 'pre-ndc-response', verdict: 'allowed' },
        { hook: 'pre-response', verdict: 'rewritten', rule_key: key },
      ]);
    });
  });

  it('refuses a request of which stripping leaves nothing', async () => {
    const action = { type: 'strip', paths: ['customers.ssn'] };
    await guarded.withRule({ key: 'no-ssn', condition: 'role == "support"', action }, async () => {
      const { status, body } = await guarded.graphql('{ customers { ssn } }');
      expect(status).toBe(400);
      expect(body.errors[0].extensions.details).toMatchObject({ code: 'KILL_SWITCH', ruleKey: 'no-ssn' });
    });
  });

  it('on a collection contains every way to it, and leaves the other fields of a request', async () => {
    const rule = { key: 'no-invoices', condition: 'connector == "music" and collection == "invoices"' };
    await guarded.withRule(rule, async () => {
      const trace = newTrace();
      const { status, body } = await guarded.graphql('{ artists { id } invoices { id } }', {
        headers: trace.headers,
      });
      expect(status).toBe(200);
      expect(body.data.artists).toHaveLength(8);
      expect(body.data.invoices).toBeNull();
      expect(body.errors).toMatchObject([
        {
          path: ['invoices'],
          message: 'User error from plugin anomalies_ndc_request (in subgraph app)',
          extensions: { details: { code: 'KILL_SWITCH', ruleKey: 'no-invoices' } },
        },
      ]);
      const related = await guarded.graphql('{ customers(limit: 1) { invoices { total } } }');
      expect(related.body).toMatchObject({ data: { customers: null }, errors: [{ path: ['customers'] }] });

      const prompt = await guarded.sql('select id, total from invoices limit 5', { headers: trace.headers });
      expect(prompt).toMatchObject({ status: 500, body: { details: { ruleKey: 'no-invoices' } } });
      expect(await guarded.jsonApi('app/invoices?fields=id')).toMatchObject({
        status: 500,
        body: { details: { ruleKey: 'no-invoices' } },
      });
      expect((await guarded.sql('select id from artists limit 5')).body).toHaveLength(5);
      expect(
        (await logged(guarded, trace, 4)).map(({ hook, verdict, error_count }) => [hook, verdict, error_count]),
      ).toEqual([
        ['pre-ndc-request', 'blocked', 0],
        ['pre-ndc-request', 'blocked', 0],
        ['pre-ndc-response', 'allowed', 0],
        ['pre-response', 'allowed', 1],
      ]);
    });
  });

  it('responds for a collection without the connector being asked', async () => {
    const action = { type: 'respond', body: { rows: [] } };
    await guarded.withRule({ key: 'empty', condition: 'collection == "invoices"', action }, async () => {
      const asked = guarded.music.queries.length;
      expect(await guarded.sql('select id from invoices')).toEqual({ status: 200, body: [] });
      expect((await guarded.graphql('{ invoices { id } }')).body).toEqual({ data: { invoices: [] } });
      expect(guarded.music.queries).toHaveLength(asked);
    });
  });

  it.each([
    ['source', 'fail'],
    ['source', 'continue'],
    ['documentation', 'fail'],
    ['documentation', 'continue'],
  ] as const)(
    'masks in a synchronous pre-response hook, by the %s and onPluginFailure %s',
    async (failureReading, onPluginFailure) => {
      const masks = [
        { path: 'customers.ssn', mask: 'keep_last', count: 4 },
        { path: 'customers.phone', mask: 'null' },
      ];
      const hooks = synchronously(guarded.hooks, onPluginFailure);
      const key = `mask-${failureReading}-${onPluginFailure}`;
      await guarded.withEngine({ hooks, failureReading }, () =>
        guarded.withRule(
          {
            key,
            condition: '"customers" in rootFields',
            action: { type: 'mask', masks },
          },
          async () => {
            const trace = newTrace();
            const query = '{ c: customers(limit: 1) { id number: ssn phone } }';
            expect(await guarded.graphql(query, { headers: trace.headers })).toEqual({
              status: 200,
              body: { data: { c: [{ id: 1, number: '*******1007', phone: null }] } },
            });
            expect(await logged(guarded, trace, 2)).toMatchObject([
              { hook: 'pre-ndc-response' },
              { hook: 'pre-response', record_count: 1, verdict: 'masked', rule_key: key },
            ]);
            // Errors pass as they are, with the engine's own answer.
            const invalid = await guarded.graphql('{ customers { nothing } }');
            expect(invalid.body.errors[0].message).toContain('Cannot query field "nothing"');
          },
        ),
      );
    },
  );

  it('hashes once, where a rule is asked at the connector and at a synchronous pre-response hook', async () => {
    const masks = [
      { path: 'customers.ssn', mask: 'hash' },
      { path: 'customers.phone', mask: 'keep_last', count: 3 },
    ];
    const rule = { key: 'pseudonyms', condition: 'role == "support"', action: { type: 'mask', masks } };
    await guarded.withEngine({ hooks: synchronously(guarded.hooks, 'continue') }, () =>
      guarded.withRule(rule, async () => {
        const { body: rows } = await guarded.sql('select ssn, phone from customers limit 3');
        expect(rows[0]).toEqual({ ssn: expect.stringMatching(/^[0-9a-f]+$/), phone: '*********113' });
        expect((await guarded.graphql('{ customers(limit: 3) { ssn phone } }')).body).toEqual({
          data: { customers: rows },
        });
      }),
    );
  });

  it('masks at the connector, whatever the way and the names there', async () => {
    const masks = [{ path: 'customers.ssn', mask: 'fixed', text: 'hidden' }];
    const rule = { key: 'mask-rows', condition: 'collection == "customers"', action: { type: 'mask', masks } };
    await guarded.withRule(rule, async () => {
      const trace = newTrace();
      const rows = await guarded.sql('select id, ssn from customers limit 1', { headers: trace.headers });
      expect(rows.body).toEqual([{ id: 1, ssn: 'hidden' }]);
      expect(await logged(guarded, trace, 1)).toMatchObject([{ verdict: 'masked', rule_key: 'mask-rows' }]);
      expect((await guarded.graphql('{ customers(limit: 1) { x: ssn name } }')).body.data).toEqual({
        customers: [{ x: 'hidden', name: 'Customer 1' }],
      });
      const related = await guarded.graphql('{ invoices(limit: 1) { customer { ssn } } }');
      expect(related.body.errors).toBeUndefined();
      expect(JSON.stringify(related.body)).not.toMatch(/\d{3}-\d{2}-\d{4}/);
    });
  });
});

// `any`: a response of whatever query.
// oxlint-disable-next-line typescript/no-explicit-any
function withoutSsn(body: any): unknown {
  return JSON.parse(JSON.stringify(body, (key, value: unknown) => (/^(ssn|secret)$/.test(key) ? undefined : value)));
}
