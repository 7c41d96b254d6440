import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwnTrafficMarker, OWN_TRAFFIC_HEADER } from '../../../core/domain/own-traffic-marker.ts';
import { MINUTE } from '../../../core/domain/time.ts';
import {
  equals,
  type GuardedSupergraph,
  startGuardedSupergraph,
  synchronously,
} from '../../support/engine/guarded-supergraph.ts';
import { CUSTOMERS, LOGGED, logged, newTrace, settled, type Trace } from '../../support/engine/request-log.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stores.ts';
import { until } from '../../support/traffic.ts';

/** A client, an engine (test/support/engine), the customers' connector and the service as its own process. */
describe.each(['sqlite', 'postgresql'] as const)('a supergraph that the service guards, on %s', (dialect) => {
  let database: TestDatabase;
  let guarded: GuardedSupergraph;
  beforeAll(async () => {
    database = await createTestDatabase(dialect);
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

  it('decides upon its own queries and observes none of them, unless their marker is forged or too old', async () => {
    const { value: secret } = (await MARKER_SECRET[dialect](database)) as { value: string };
    const markerOf = (ago: number) => createOwnTrafficMarker(secret, { now: () => Date.now() - ago }).sign();
    const ask = async (marker: string, as = 'support:17') => {
      const trace = newTrace();
      const headers = { ...trace.headers, [OWN_TRAFFIC_HEADER]: marker };
      return { trace, answer: await guarded.graphql('{ customers(limit: 2) { id } }', { headers, as }) };
    };
    const own = await ask(markerOf(0));
    expect(own.answer.body.data.customers).toHaveLength(2);
    const observed = [await ask('f'.repeat(64)), await ask(markerOf(3 * MINUTE))];
    for (const { trace } of observed) expect(await logged(guarded, trace, 2)).toHaveLength(2);

    const rule = { key: 'own-closed', condition: 'role == "alerting" and "customers" in rootFields' };
    await guarded.withRule(rule, async () => {
      const refused = await ask(markerOf(0), 'alerting:1');
      expect(refused.answer.body.errors[0].extensions.details).toMatchObject({ ruleKey: 'own-closed' });
      expect((await guarded.sql('select id from customers limit 1', { as: 'alerting:1' })).status).toBe(200);
      await settled(guarded);
      for (const { trace } of [own, refused]) expect(await logged(guarded, trace, 0)).toEqual([]);
    });
  });
});

/** Under which the processes of this store sign; no interface shows it. */
const MARKER_SECRET = {
  async sqlite({ url }: TestDatabase): Promise<unknown> {
    const database = new Database(url.replace('sqlite:', ''), { readonly: true });
    const row = database.prepare("select value from settings where name = 'own-traffic-key'").get();
    database.close();
    return row;
  },
  async postgresql({ url }: TestDatabase): Promise<unknown> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query("select value from settings where name = 'own-traffic-key'");
    await client.end();
    return rows[0];
  },
};

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

describe('our own models in the supergraph', () => {
  let guarded: GuardedSupergraph;
  beforeAll(async () => {
    guarded = await startGuardedSupergraph();
  });
  afterAll(() => guarded.close());

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
  let guarded: GuardedSupergraph;
  beforeAll(async () => {
    guarded = await startGuardedSupergraph();
  });
  afterAll(() => guarded.close());

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
      const subscription = await guarded.graphql('subscription { artists { id } }');
      expect(subscription.body.errors[0].message).toBe('subscriptions are not supported over HTTP');
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
