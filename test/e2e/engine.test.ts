import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  equals,
  type GuardedSupergraph,
  hooksTo,
  startGuardedSupergraph,
  synchronously,
} from '../support/engine/guarded-supergraph.ts';
import type { EngineHooks } from '../support/engine/hook-metadata.ts';
import { createTestDatabase, type TestDatabase } from '../support/stores.ts';
import { until } from '../support/traffic.ts';

/**
 * A client, an engine (test/support/engine), the customers' connector and the service as its own process. Websockets and
 * subscriptions are left out: the stand-in speaks HTTP, and the body of a hook is the same for both.
 */
const CUSTOMERS = 'query Customers { customers(limit: 5) { id name country } }';

interface Trace {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
}

function newTrace(): Trace {
  const id = randomBytes(16).toString('hex');
  return { id, headers: { traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01` } };
}

const LOGGED = ['hook', 'source', 'record_count', 'error_count', 'verdict', 'rule_key', 'role', 'user_id'];

/** What the request log has of one trace, once it has `count` rows. */
async function logged(guarded: GuardedSupergraph, trace: Trace, count: number): Promise<Record<string, unknown>[]> {
  await guarded.engine.settled();
  const read = () => guarded.rows('request_log', LOGGED, equals('trace_id', trace.id));
  await until(async () => (await read()).length >= count);
  return (await read()).toSorted((a, b) => (String(a['hook']) < String(b['hook']) ? -1 : 1));
}

/** Waits until everything sent so far is in the log: a later request is. */
async function settled(guarded: GuardedSupergraph): Promise<void> {
  const trace = newTrace();
  await guarded.sql('select id from artists limit 1', { headers: trace.headers });
  await logged(guarded, trace, 1);
}

describe.each(['sqlite', 'postgresql'] as const)('a supergraph that the service guards, on %s', (dialect) => {
  let database: TestDatabase;
  let guarded: GuardedSupergraph;
  beforeAll(async () => {
    database = await createTestDatabase(dialect, { migrated: false });
    guarded = await startGuardedSupergraph({ DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await guarded.close();
    await database.drop();
  });

  it('answers its clients, and each request is seen as GraphQL and as NDC under one trace', async () => {
    const trace = newTrace();
    const query = '{ c: customers(limit: 5) { id } artists { name albums { title } } }';
    const { status, body } = await guarded.graphql(query, { headers: trace.headers });
    expect(status).toBe(200);
    expect(body.errors).toBeUndefined();
    expect(body.data.c).toHaveLength(5);
    expect(body.data.artists[0].albums[0]).toEqual({ title: 'Album 8' });

    const allowed = { verdict: 'allowed', rule_key: null, error_count: 0, role: 'support', user_id: '17' };
    expect(await logged(guarded, trace, 3)).toEqual([
      { hook: 'pre-ndc-response', source: 'ndc', record_count: 5, ...allowed },
      { hook: 'pre-ndc-response', source: 'ndc', record_count: 28, ...allowed },
      { hook: 'pre-response', source: 'graphql', record_count: 33, ...allowed },
    ]);
  });

  it('sees SQL and JSON:API at the connector only', async () => {
    for (const ask of [
      (headers: Trace['headers']) => guarded.sql("select id, name from customers where country = 'AT'", { headers }),
      (headers: Trace['headers']) => guarded.jsonApi('app/customers?fields=id,name&page[limit]=20', { headers }),
    ]) {
      const trace = newTrace();
      expect((await ask(trace.headers)).status).toBe(200);
      expect(await logged(guarded, trace, 1)).toMatchObject([
        { hook: 'pre-ndc-response', source: 'ndc', record_count: 20, role: 'support' },
      ]);
    }
  });

  it('refuses at pre-parse by a rule, before any connector is asked, and does not learn from the refusal', async () => {
    const rule = { key: 'customers-closed', condition: '"customers" in rootFields and role == "support"' };
    await guarded.withRule({ ...rule, action: { message: 'Audit.' } }, async () => {
      const asked = guarded.music.queries.length;
      const trace = newTrace();
      const { status, body } = await guarded.graphql(CUSTOMERS, { headers: trace.headers });
      expect(status).toBe(400);
      expect(body).toEqual({
        data: null,
        errors: [
          {
            message: 'User error in pre-parse plugin: anomalies_pre_parse',
            extensions: {
              details: {
                code: 'KILL_SWITCH',
                ruleKey: 'customers-closed',
                message: 'Temporarily blocked. Audit.',
                until: null,
              },
            },
          },
        ],
      });
      expect(guarded.music.queries).toHaveLength(asked);
      expect((await guarded.graphql(CUSTOMERS, { as: 'sales:3' })).status).toBe(200);
      await settled(guarded);
      expect(await logged(guarded, trace, 1)).toMatchObject([
        { hook: 'pre-parse', source: 'graphql', verdict: 'blocked', rule_key: 'customers-closed', record_count: 0 },
      ]);
    });
    expect((await guarded.graphql(CUSTOMERS)).status).toBe(200);
  });

  it('counts each source by itself, and what a rule that only logs has matched', async () => {
    const role = 'counted';
    const rule = { key: 'large', condition: `role == "${role}" and limit > 3`, action: { type: 'log' } };
    await guarded.withRule(rule, async () => {
      for (let n = 0; n < 3; n++) await guarded.graphql('{ customers(limit: 4) { id } albums { id } }', { as: role });
      await guarded.sql('select id from customers limit 7', { as: role });
    });
    await guarded.engine.settled();
    const columns = ['source', 'rule_key', 'requests', 'records', 'enforced'];
    const read = () => guarded.rows('traffic_metrics', columns, equals('role', role));
    const totals = async () => {
      const counts = { graphql: [0, 0], ndc: [0, 0] };
      for (const { source, requests, records } of await read()) {
        const sums = counts[source as 'graphql' | 'ndc'];
        sums[0] = (sums[0] as number) + Number(requests);
        sums[1] = (sums[1] as number) + Number(records);
      }
      return counts;
    };
    await until(async () => (await totals()).ndc[0] === 7);
    expect(await totals()).toEqual({ graphql: [3, 3 * 24], ndc: [7, 3 * 24 + 7] });
    const matched = (await read()).filter((row) => row['rule_key'] === 'ddn.large');
    expect(matched.map(({ source }) => source)).toEqual(matched.map(() => 'graphql'));
    expect(matched.reduce((sum, row) => sum + Number(row['enforced']), 0)).toBe(3);
  });
});

/** Holds what every write needs, as another program would; resolves to the release. */
const LOCKS = {
  async sqlite({ url }: TestDatabase): Promise<() => Promise<void>> {
    const other = new Database(url.replace('sqlite:', ''));
    other.exec('begin immediate');
    return async () => void other.close();
  },
  async postgresql({ url }: TestDatabase): Promise<() => Promise<void>> {
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query('begin');
    await other.query('lock table request_log in access exclusive mode');
    return () => other.end();
  },
};

describe.each(['sqlite', 'postgresql'] as const)('a store that does not take writes, %s', (dialect) => {
  it('delays no client: decisions come from memory, what was seen is written later', async () => {
    const database = await createTestDatabase(dialect);
    const guarded = await startGuardedSupergraph({ DATABASE_URL: database.url });
    const trace = newTrace();
    try {
      const release = await LOCKS[dialect](database);
      const hooks = synchronously(guarded.hooks, 'fail');
      await guarded.withEngine({ hooks }, async () => {
        const startedAt = performance.now();
        for (let n = 0; n < 5; n++) {
          expect((await guarded.graphql(CUSTOMERS, { headers: trace.headers })).status).toBe(200);
        }
        // One decision may take 20 ms; waiting for the store would have no end.
        expect(performance.now() - startedAt).toBeLessThan(2_000);
      });
      await release();
      expect(await logged(guarded, trace, 10)).toHaveLength(10);
    } finally {
      await guarded.close();
      await database.drop();
    }
  });
});

describe('on an engine', () => {
  let guarded: GuardedSupergraph;
  beforeAll(async () => {
    guarded = await startGuardedSupergraph();
  });
  afterAll(() => guarded.close());

  describe('a rule', () => {
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
      expect(new Set(after.map(({ hook }) => hook))).toEqual(
        new Set(['pre-ndc-response', 'pre-parse', 'pre-response']),
      );
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

  describe('our own models in the supergraph', () => {
    it('are read and changed through it, neither observed nor matched', async () => {
      const trace = newTrace();
      const { headers } = trace;
      await guarded.withRule({ key: 'no-admin', condition: 'role == "admin"' }, async () => {
        expect((await guarded.graphql('{ artists { id } }', { as: 'admin' })).status).toBe(400);

        const read = await guarded.graphql(
          '{ rules: killSwitchRules(where: {key: {_eq: "no-admin"}}) { id key status } requestLog(limit: 1) { id } }',
          { as: 'admin', headers },
        );
        expect(read.body.errors).toBeUndefined();
        expect(read.body.data.rules).toMatchObject([{ key: 'no-admin', status: 'active' }]);
        const lifted = await guarded.graphql('mutation Lift($id: JSON) { deactivateKillSwitchRule(id: $id) }', {
          as: 'admin',
          headers,
          variables: { id: read.body.data.rules[0].id },
        });
        expect(lifted.body.data.deactivateKillSwitchRule).toMatchObject({ status: 'inactive' });
        expect((await guarded.sql('select key, status from kill_switch_rules', { as: 'admin', headers })).status).toBe(
          200,
        );
        expect((await guarded.graphql('{ artists { id } }', { as: 'admin' })).status).toBe(200);
      });
      await settled(guarded);
      expect(await guarded.rows('request_log', LOGGED, equals('trace_id', trace.id))).toEqual([]);
    });

    it('give no cover: a foreign field beside them, or one that only borrows their name', async () => {
      await guarded.withRule({ key: 'no-cover', condition: '"customers" in rootFields' }, async () => {
        expect((await guarded.graphql('{ requestLog(limit: 1) { id } customers { id } }')).status).toBe(400);
        expect((await guarded.graphql('{ requestLog: customers { id } }')).status).toBe(400);
      });
      const trace = newTrace();
      await guarded.graphql('{ requestLog: customers(limit: 3) { id } }', trace);
      expect(await logged(guarded, trace, 2)).toMatchObject([{ record_count: 3 }, { record_count: 3 }]);
    });
  });

  describe('requests of every kind', () => {
    it.each(['tagged', 'bare'] as const)('name the caller with %s session values', async (sessionEncoding) => {
      const trace = newTrace();
      await guarded.withEngine(
        { sessionEncoding, connectorNames: sessionEncoding === 'tagged' ? 'objects' : 'strings' },
        async () => {
          await guarded.withRule(
            { key: `user-99-${sessionEncoding}`, condition: 'session["x-hasura-user-id"] == "99"' },
            async () => {
              expect((await guarded.graphql(CUSTOMERS, { as: 'support:99' })).status).toBe(400);
              expect((await guarded.graphql(CUSTOMERS, { as: 'support:98', headers: trace.headers })).status).toBe(200);
            },
          );
          expect(await logged(guarded, trace, 2)).toMatchObject([
            { role: 'support', user_id: '98', source: 'ndc' },
            { role: 'support', user_id: '98', source: 'graphql' },
          ]);
        },
      );
    });

    it('keep no header of a role emulation', async () => {
      const trace = newTrace();
      // The engine itself fails pre-NDC hooks that want such a session.
      const hooks = { ...guarded.hooks, ndcRequest: [], ndcResponse: [] };
      await guarded.withEngine({ hooks, roleEmulation: true }, async () => {
        const headers = { ...trace.headers, cookie: 'session=very-secret-cookie' };
        await guarded.withRule({ key: 'cookie', condition: 'session["cookie"] != null' }, async () => {
          expect((await guarded.graphql(CUSTOMERS, { headers })).status).toBe(200);
        });
        expect(await logged(guarded, trace, 1)).toMatchObject([{ role: 'support', user_id: '17' }]);
      });
      expect(guarded.service.output()).not.toContain('very-secret-cookie');
    });

    it('may be introspection, invalid or no GraphQL at all: the engine answers as it would', async () => {
      await guarded.withRule({ key: 'no-customers', condition: '"customers" in rootFields' }, async () => {
        const introspection = await guarded.graphql('query IntrospectionQuery { __schema { queryType { name } } }');
        expect(introspection).toEqual({ status: 200, body: { data: { __schema: { queryType: { name: 'Query' } } } } });
        // The name is the client's choice and exempts nothing.
        const named = await guarded.graphql('query IntrospectionQuery { customers { id } }', {
          operationName: 'IntrospectionQuery',
        });
        expect(named.status).toBe(400);
        expect((await guarded.graphql('{ customers { ')).body.errors[0].message).toContain('Syntax Error');
        expect((await guarded.graphql('{ artists { nothing } }')).body.errors[0].message).toContain('Cannot query');
      });
      expect((await guarded.graphql(CUSTOMERS, { as: null })).status).toBe(401);
    });

    it('keep the request id that a client sends', async () => {
      const trace = newTrace();
      await guarded.graphql(CUSTOMERS, { headers: { ...trace.headers, 'x-request-id': 'r-1' } });
      await logged(guarded, trace, 2);
      const rows = await guarded.rows('request_log', ['source', 'request_id'], equals('trace_id', trace.id));
      expect(rows).toContainEqual({ source: 'graphql', request_id: 'r-1' });
    });
  });

  describe('trouble', () => {
    it('with the secret is a 400 of the hook: refused at pre-parse, ignored where it is asynchronous', async () => {
      const wrong = hooksTo(guarded.service.apiUrl, 'wrong');
      await guarded.withEngine({ hooks: wrong }, async () => {
        const { status, body } = await guarded.graphql(CUSTOMERS);
        expect(status).toBe(400);
        expect(body.errors[0].extensions.details).toEqual({ message: 'Missing or wrong hasura-m-auth.' });
      });
      const trace = newTrace();
      await guarded.withEngine({ hooks: { ...wrong, parse: [], ndcRequest: [], ndcResponse: [] } }, async () => {
        expect((await guarded.graphql(CUSTOMERS, { headers: trace.headers })).body.data.customers).toHaveLength(5);
      });
      await settled(guarded);
      expect(await guarded.rows('request_log', LOGGED, equals('trace_id', trace.id))).toEqual([]);
      await guarded.withEngine({ hooks: { ...guarded.hooks, ndcResponse: wrong.ndcResponse } }, async () => {
        expect((await guarded.graphql(CUSTOMERS)).body).toMatchObject({ data: { customers: null } });
      });
    });

    it.each([
      ['source', 'fail', 200],
      ['source', 'continue', 400],
      ['documentation', 'fail', 400],
      ['documentation', 'continue', 200],
    ] as const)(
      'with the secret of a synchronous hook: by the %s, %s is %i',
      async (failureReading, mode, expected) => {
        const { response } = synchronously(hooksTo(guarded.service.apiUrl, 'wrong'), mode);
        await guarded.withEngine({ hooks: { ...guarded.hooks, response }, failureReading }, async () => {
          expect((await guarded.graphql(CUSTOMERS)).status).toBe(expected);
        });
      },
    );

    it('with a service that hangs is felt by clients of synchronous hooks only', async () => {
      const asynchronous = { ...guarded.hooks, parse: [], ndcRequest: [], ndcResponse: [] };
      guarded.service.child.kill('SIGSTOP');
      try {
        guarded.engine.configure({ hooks: asynchronous });
        expect((await guarded.graphql(CUSTOMERS)).status).toBe(200);
        guarded.engine.configure({ hooks: guarded.hooks });
        let answered = false;
        const waiting = guarded.graphql(CUSTOMERS).finally(() => (answered = true));
        await new Promise((resolve) => setTimeout(resolve, 400));
        // The engine has no timeout of its own.
        expect(answered).toBe(false);
        guarded.service.child.kill('SIGCONT');
        expect((await waiting).status).toBe(200);
      } finally {
        guarded.service.child.kill('SIGCONT');
      }
    });
  });
});

describe('without the service', () => {
  let guarded: GuardedSupergraph;
  beforeAll(async () => {
    guarded = await startGuardedSupergraph();
    await guarded.service.end('SIGKILL');
  });
  afterAll(() => guarded.close());

  const only = (part: keyof EngineHooks): EngineHooks => ({
    parse: [],
    response: [],
    ndcRequest: [],
    ndcResponse: [],
    [part]: guarded.hooks[part],
  });

  it('clients are served where the hook is asynchronous', async () => {
    await guarded.withEngine({ hooks: only('response') }, async () => {
      expect((await guarded.graphql(CUSTOMERS)).body.data.customers).toHaveLength(5);
    });
  });

  it.each(['source', 'documentation'] as const)(
    'a synchronous hook fails every request, whatever onPluginFailure says (%s)',
    async (failureReading) => {
      await guarded.withEngine({ hooks: only('parse'), failureReading }, async () => {
        const { status, body } = await guarded.graphql(CUSTOMERS);
        expect(status).toBe(500);
        expect(body.errors[0].message).toContain('pre-parse plugin anomalies_pre_parse - ');
      });
      for (const onPluginFailure of ['fail', 'continue'] as const) {
        const hooks = synchronously(only('response'), onPluginFailure);
        await guarded.withEngine({ hooks, failureReading }, async () => {
          expect((await guarded.graphql(CUSTOMERS)).status).toBe(500);
        });
      }
    },
  );

  it.each(['ndcRequest', 'ndcResponse'] as const)('%s fails its field, and SQL', async (part) => {
    await guarded.withEngine({ hooks: only(part) }, async () => {
      expect(await guarded.graphql(CUSTOMERS)).toMatchObject({
        status: 200,
        body: { data: { customers: null }, errors: [{ message: 'internal error', path: ['customers'] }] },
      });
      expect((await guarded.sql('select id from customers')).status).toBe(500);
    });
  });
});

// `any`: a response of whatever query.
// oxlint-disable-next-line typescript/no-explicit-any
function withoutSsn(body: any): unknown {
  return JSON.parse(JSON.stringify(body, (key, value: unknown) => (/^(ssn|secret)$/.test(key) ? undefined : value)));
}
