import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  equals,
  type GuardedSupergraph,
  hooksTo,
  startGuardedSupergraph,
  synchronously,
} from '../../support/engine/guarded-supergraph.ts';
import { CUSTOMERS, LOGGED, newTrace } from '../../support/engine/request-log.ts';
import { connectClient, openSocket, type SocketClient } from '../../support/engine/websocket-client.ts';
import { until } from '../../support/traffic.ts';

const includes = (text: string) => expect.stringContaining(text) as string;

const REFUSED = { code: 'KILL_SWITCH', message: 'Temporarily blocked.', until: null };

describe('over a websocket', () => {
  let guarded: GuardedSupergraph;
  const clients: SocketClient[] = [];
  beforeAll(async () => {
    guarded = await startGuardedSupergraph();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => guarded.close());

  function connect(as: string | null, headers: Readonly<Record<string, string>> = {}): SocketClient {
    const client = connectClient(guarded.engine.url, { as, headers });
    clients.push(client);
    return client;
  }

  /** What the request log has of one role, once it has `count` rows; each test asks as a role of its own. */
  async function loggedAs(role: string, count: number): Promise<Record<string, unknown>[]> {
    await guarded.engine.settled();
    const read = () => guarded.rows('request_log', [...LOGGED, 'trace_id', 'request_id'], equals('role', role));
    await until(async () => (await read()).length >= count);
    return (await read()).toSorted((a, b) => (String(a['hook']) < String(b['hook']) ? -1 : 1));
  }

  /** How often each hook was called during `run`, by the service's own count of its replies. */
  async function callsDuring(run: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
    const before = await replies();
    await run();
    await guarded.engine.settled();
    const after = await replies();
    return Object.fromEntries([...after].map(([hook, count]) => [hook, count - (before.get(hook) ?? 0)]));
  }

  async function replies(): Promise<Map<string, number>> {
    const response = await fetch(`${guarded.service.apiUrl}/metrics`, {
      headers: { authorization: `Bearer ${guarded.service.adminToken()}` },
    });
    const counts = new Map(
      ['pre-parse', 'pre-response', 'pre-ndc-request', 'pre-ndc-response'].map((hook) => [hook, 0]),
    );
    for (const [, labels = '', count] of (await response.text()).matchAll(
      /^sentinel_hook_events_total\{(.*)\} (\d+)$/gm,
    )) {
      const { event = '', hook = '' } = Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
      ) as Record<string, string>;
      if (['continued', 'responded', 'rewritten', 'refused'].includes(event)) {
        counts.set(hook, (counts.get(hook) as number) + Number(count));
      }
    }
    return counts;
  }

  describe('a query', () => {
    it('is answered and observed as over HTTP, but no trace links what the hooks see of it', async () => {
      const trace = newTrace();
      const client = connect('viewer:17', { ...trace.headers, 'x-request-id': 'ws-1' });
      const calls = await callsDuring(async () => {
        const results = await client.run('{ c: customers(limit: 5) { id } artists { name albums { title } } }');
        expect(results).toEqual([
          { data: expect.objectContaining({ c: [1, 2, 3, 4, 5].map((id) => ({ id })) }) as unknown },
        ]);
      });
      expect(calls).toEqual({ 'pre-parse': 1, 'pre-response': 1, 'pre-ndc-request': 2, 'pre-ndc-response': 2 });

      const rows = await loggedAs('viewer', 3);
      const allowed = { verdict: 'allowed', rule_key: null, error_count: 0, user_id: '17' };
      expect(rows).toMatchObject([
        { hook: 'pre-ndc-response', source: 'ndc', ...allowed },
        { hook: 'pre-ndc-response', source: 'ndc', ...allowed },
        // Headers are those of `connection_init`.
        { hook: 'pre-response', source: 'graphql', record_count: 33, request_id: 'ws-1', ...allowed },
      ]);
      const [ndc, alsoNdc, graphql] = rows.map((row) => row['trace_id']);
      expect(ndc).toBe(alsoNdc);
      expect(new Set([ndc, graphql, trace.id]).size).toBe(3);
    });

    it('without credentials is never one: the connection is closed before any hook is asked', async () => {
      const calls = await callsDuring(async () => {
        const client = connect(null);
        await expect(client.run(CUSTOMERS)).rejects.toMatchObject({ code: 4403 });
        expect(client.states).toEqual(['closed 4403 Forbidden']);
      });
      expect(Object.values(calls)).toEqual([0, 0, 0, 0]);
    });

    it('that is not valid passes pre-parse and ends there', async () => {
      const client = connect('typist');
      const calls = await callsDuring(async () => {
        await expect(client.run('{ customers { ')).rejects.toMatchObject([{ message: includes('Syntax Error') }]);
        await expect(client.run('{ artists { nothing } }')).rejects.toMatchObject([
          { message: includes('Cannot query field') },
        ]);
      });
      expect(calls).toEqual({ 'pre-parse': 2, 'pre-response': 0, 'pre-ndc-request': 0, 'pre-ndc-response': 0 });
      const overHttp = await callsDuring(() => guarded.graphql('{ artists { nothing } }'));
      expect(overHttp).toMatchObject({ 'pre-parse': 1, 'pre-response': 1 });
      expect(await client.run('{ __typename }')).toEqual([{ data: { __typename: 'Query' } }]);
    });

    it('of our own models reads and lifts rules that hold for the caller', async () => {
      const client = connect('admin');
      await guarded.withRule({ key: 'ws-admin', condition: 'role == "admin"' }, async () => {
        await expect(client.run('{ artists { id } }')).rejects.toMatchObject([{ extensions: { details: REFUSED } }]);
        const [read] = (await client.run(
          '{ killSwitchRules(where: {key: {_eq: "ws-admin"}}) { id status } }',
        )) as unknown as [{ data: { killSwitchRules: { id: string; status: string }[] } }];
        expect(read.data.killSwitchRules).toMatchObject([{ status: 'active' }]);
        const lift = 'mutation Lift($id: JSON) { deactivateKillSwitchRule(id: $id) }';
        expect(await client.run(lift, { variables: { id: read.data.killSwitchRules[0]?.id } })).toMatchObject([
          { data: { deactivateKillSwitchRule: { status: 'inactive' } } },
        ]);
        expect(await client.run('{ artists(limit: 1) { id } }')).toEqual([{ data: { artists: [{ id: 1 }] } }]);
      });
    });
  });

  describe('a rule', () => {
    it('refuses one operation by an error message; the connection stays open for the next', async () => {
      const client = connect('blocked:17');
      const rule = { key: 'ws-closed', condition: '"customers" in rootFields and role == "blocked"' };
      await guarded.withRule(rule, async () => {
        const asked = guarded.music.queries.length;
        const calls = await callsDuring(async () => {
          await expect(client.run(CUSTOMERS)).rejects.toEqual([
            {
              message: 'User error in pre-parse plugin: anomalies_pre_parse',
              extensions: { details: { ...REFUSED, ruleKey: 'ws-closed' } },
            },
          ]);
        });
        expect(calls).toEqual({ 'pre-parse': 1, 'pre-response': 0, 'pre-ndc-request': 0, 'pre-ndc-response': 0 });
        const overHttp = await callsDuring(() => guarded.graphql(CUSTOMERS, { as: 'blocked:18' }));
        expect(overHttp).toMatchObject({ 'pre-parse': 1, 'pre-response': 1 });
        expect(guarded.music.queries).toHaveLength(asked);
        expect(await client.run('{ artists(limit: 1) { name } }')).toEqual([
          { data: { artists: [{ name: 'Artist 1' }] } },
        ]);
      });
      expect(await client.run('{ customers(limit: 1) { id } }')).toEqual([{ data: { customers: [{ id: 1 }] } }]);
      expect(client.states).toEqual(['connected']);
      const logged = await loggedAs('blocked', 6);
      const refused = logged.filter((row) => row['user_id'] === '17' && row['verdict'] !== 'allowed');
      expect(refused).toMatchObject([
        { hook: 'pre-parse', verdict: 'blocked', rule_key: 'ws-closed', record_count: 0 },
      ]);
    });

    it('at the connector leaves the other fields of an operation', async () => {
      const client = connect('reader:17');
      await guarded.withRule({ key: 'ws-invoices', condition: 'collection == "invoices"' }, async () => {
        expect(await client.run('{ artists(limit: 1) { id } invoices { id } }')).toMatchObject([
          {
            data: { artists: [{ id: 1 }], invoices: null },
            errors: [{ path: ['invoices'], extensions: { details: { ...REFUSED, ruleKey: 'ws-invoices' } } }],
          },
        ]);
      });
    });

    it('strips a field; the log says so, though the engine shows the pre-response hook the rest only', async () => {
      const client = connect('stripped:17');
      const action = { type: 'strip', paths: ['customers.ssn'] };
      const query = 'query Q($n: Int) { customers(limit: $n) { id ssn } }';
      const operation = { variables: { n: 2 }, operationName: 'Q' };
      await guarded.withRule({ key: 'ws-strip', condition: 'role == "stripped"', action }, async () => {
        expect(await client.run(query, operation)).toEqual([{ data: { customers: [{ id: 1 }, { id: 2 }] } }]);
        await expect(client.run('{ customers { ssn } }')).rejects.toMatchObject([
          { extensions: { details: { code: 'KILL_SWITCH', ruleKey: 'ws-strip' } } },
        ]);
      });
      expect(await loggedAs('stripped', 3)).toMatchObject([
        { hook: 'pre-ndc-response', verdict: 'allowed' },
        { hook: 'pre-parse', verdict: 'blocked' },
        { hook: 'pre-response', verdict: 'rewritten', rule_key: 'ws-strip' },
      ]);
      // Answered whole again, over HTTP too.
      await client.run(query, operation);
      await guarded.graphql(query, { ...operation, as: 'stripped:17' });
      const later = (await loggedAs('stripped', 7)).filter(({ hook }) => hook === 'pre-response');
      expect(later).toHaveLength(3);
      expect(later.filter(({ verdict }) => verdict === 'rewritten')).toHaveLength(1);
    });

    it('masks at the connector', async () => {
      const client = connect('masked:17');
      const masks = [{ path: 'customers.ssn', mask: 'fixed', text: 'hidden' }];
      const rule = { key: 'ws-mask', condition: 'collection == "customers"', action: { type: 'mask', masks } };
      await guarded.withRule(rule, async () => {
        expect(await client.run('{ customers(limit: 1) { x: ssn } }')).toEqual([
          { data: { customers: [{ x: 'hidden' }] } },
        ]);
      });
    });
  });

  describe('a 200 of a hook', () => {
    const canned = { data: { customers: [{ id: 0, name: 'nobody', country: 'AT' }] } };
    const answers = [
      ['respond', { type: 'respond', body: canned }, canned],
      [
        'quiet-block',
        { type: 'block', quiet: true },
        {
          data: null,
          errors: [
            {
              message: 'Temporarily blocked.',
              extensions: { code: 'KILL_SWITCH', ruleKey: 'ws-quiet-block', until: null },
            },
          ],
        },
      ],
    ] as const;

    it.each(answers)('at pre-parse (%s) is a raw binary frame that names no operation', async (name, action, body) => {
      const socket = await openSocket(guarded.engine.url);
      try {
        await guarded.withRule({ key: `ws-${name}`, condition: '"customers" in rootFields', action }, async () => {
          const calls = await callsDuring(async () => {
            socket.send({ id: 'a', type: 'subscribe', payload: { query: CUSTOMERS } });
            expect(await socket.next()).toEqual({ isBinary: true, json: body });
          });
          expect(calls).toMatchObject({ 'pre-parse': 1, 'pre-response': 0, 'pre-ndc-request': 0 });
          // No `complete` in between, and the engine goes on.
          socket.send({ id: 'b', type: 'subscribe', payload: { query: '{ __typename }' } });
          expect(await socket.next()).toEqual({
            isBinary: false,
            json: { id: 'b', type: 'next', payload: { data: { __typename: 'Query' } } },
          });
          expect((await socket.next()).json).toEqual({ id: 'b', type: 'complete' });
        });
      } finally {
        socket.close();
      }
    });

    it.each(answers)('at pre-parse (%s) makes the client of graphql-ws close the connection', async (name, action) => {
      const client = connect('library');
      await guarded.withRule({ key: `ws-library-${name}`, condition: 'role == "library"', action }, async () => {
        await expect(client.run(CUSTOMERS)).rejects.toThrow('Message');
        await until(async () => client.states.length > 1);
        expect(client.states[1]).toMatch(/^closed 4004 /);
      });
    });

    it('of a synchronous pre-response hook (mask) is one, too', async () => {
      const masks = [{ path: 'customers.ssn', mask: 'fixed', text: 'hidden' }];
      const rule = { key: 'ws-mask-response', condition: '"customers" in rootFields', action: { type: 'mask', masks } };
      const socket = await openSocket(guarded.engine.url);
      try {
        await guarded.withEngine({ hooks: synchronously(guarded.hooks, 'fail') }, () =>
          guarded.withRule(rule, async () => {
            socket.send({ id: 'a', type: 'subscribe', payload: { query: '{ customers(limit: 1) { ssn } }' } });
            expect(await socket.next()).toEqual({ isBinary: true, json: { data: { customers: [{ ssn: 'hidden' }] } } });
            socket.send({ id: 'b', type: 'subscribe', payload: { query: '{ artists(limit: 1) { id } }' } });
            expect((await socket.next()).json).toMatchObject({ id: 'b', type: 'next' });
          }),
        );
      } finally {
        socket.close();
      }
    });
  });

  describe('a subscription', () => {
    const SUBSCRIPTION = 'subscription S { customers(limit: 2) { id name } }';

    /** Waits for polls by counting what reaches the connector. */
    async function polls(count: number): Promise<void> {
      const asked = guarded.music.queries.length;
      await until(async () => guarded.music.queries.length >= asked + count);
    }

    async function withName(name: string, run: () => Promise<void>): Promise<void> {
      const customers = guarded.music.tables.get('customers') as Record<string, unknown>[];
      const [first] = customers as [Record<string, unknown>];
      customers[0] = { ...first, name };
      try {
        await run();
      } finally {
        customers[0] = first;
      }
    }

    const named = (name: string) => ({
      data: {
        customers: [
          { id: 1, name },
          { id: 2, name: 'Customer 2' },
        ],
      },
    });

    it('asks pre-parse once, the connector hooks at every poll, pre-response where the data differ', async () => {
      const client = connect('subscriber:17');
      const results = client.iterate(SUBSCRIPTION);
      const idle = await callsDuring(async () => {
        expect((await results.next()).value).toEqual(named('Customer 1'));
        await polls(4);
      });
      expect(idle).toMatchObject({ 'pre-parse': 1, 'pre-response': 1 });
      expect(idle['pre-ndc-request']).toBeGreaterThanOrEqual(4);
      expect(idle['pre-ndc-response']).toBeGreaterThanOrEqual(4);
      await withName('Somebody Else', async () => {
        const changed = await callsDuring(async () => {
          expect((await results.next()).value).toEqual(named('Somebody Else'));
          await polls(2);
        });
        expect(changed).toMatchObject({ 'pre-parse': 0, 'pre-response': 1 });
      });
      expect((await results.next()).value).toEqual(named('Customer 1'));
      await results.return?.();
      await guarded.engine.settled();
      const observed = (await loggedAs('subscriber', 3)).filter(({ hook }) => hook === 'pre-response');
      expect(observed).toMatchObject([1, 2, 3].map(() => ({ source: 'graphql', record_count: 2, verdict: 'allowed' })));
    });

    it('is refused at its start by a rule on GraphQL facts', async () => {
      const client = connect('starter:17');
      const rule = { key: 'ws-start', condition: 'operationType == "subscription" and role == "starter"' };
      await guarded.withRule(rule, async () => {
        await expect(client.run(SUBSCRIPTION)).rejects.toMatchObject([
          { extensions: { details: { ruleKey: 'ws-start' } } },
        ]);
        expect(await client.run('{ customers(limit: 1) { id } }')).toHaveLength(1);
      });
    });

    it('that runs is not stopped by a rule on GraphQL facts, but by one that holds at the connector', async () => {
      const client = connect('running:17');
      const results = client.iterate(SUBSCRIPTION);
      expect((await results.next()).value).toEqual(named('Customer 1'));
      await guarded.withRule({ key: 'ws-late', condition: '"customers" in rootFields' }, async () => {
        await expect(client.run(SUBSCRIPTION)).rejects.toMatchObject([
          { extensions: { details: { ruleKey: 'ws-late' } } },
        ]);
        await withName('Still Seen', async () => {
          expect((await results.next()).value).toEqual(named('Still Seen'));
        });
        expect((await results.next()).value).toEqual(named('Customer 1'));
      });
      await guarded.withRule({ key: 'ws-role', condition: 'role == "running"' }, async () => {
        await expect(results.next()).rejects.toMatchObject([
          { extensions: { details: { ...REFUSED, ruleKey: 'ws-role' } } },
        ]);
      });
      expect(await client.run('{ artists(limit: 1) { id } }')).toHaveLength(1);
      expect(client.states).toEqual(['connected']);
    });
  });

  describe('trouble with the service', () => {
    const unreachable = hooksTo('http://127.0.0.1:1');

    it('that cannot be reached fails each operation with an error message', async () => {
      const client = connect('lost:17');
      await guarded.withEngine({ hooks: { ...guarded.hooks, parse: unreachable.parse } }, async () => {
        const message = includes('Error while making the HTTP request to the pre-parse plugin anomalies_pre_parse');
        await expect(client.run(CUSTOMERS)).rejects.toMatchObject([{ message }]);
        await expect(client.run(CUSTOMERS)).rejects.toMatchObject([{ message }]);
      });
      const { response } = synchronously(unreachable, 'continue');
      await guarded.withEngine({ hooks: { ...guarded.hooks, response } }, async () => {
        await expect(client.run(CUSTOMERS)).rejects.toMatchObject([
          { message: includes('Error while making the HTTP request') },
        ]);
      });
      await guarded.withEngine({ hooks: { ...guarded.hooks, response: unreachable.response } }, async () => {
        expect(await client.run(CUSTOMERS)).toHaveLength(1);
      });
      expect(client.states).toEqual(['connected']);
    });

    it.each([
      ['source', 'fail', 'answered'],
      ['source', 'continue', 'refused'],
      ['documentation', 'fail', 'refused'],
      ['documentation', 'continue', 'answered'],
    ] as const)(
      'with the secret of a synchronous hook: by the %s, %s is %s',
      async (failureReading, mode, expected) => {
        const { response } = synchronously(hooksTo(guarded.service.apiUrl, 'wrong'), mode);
        const client = connect('wrong:17');
        await guarded.withEngine({ hooks: { ...guarded.hooks, response }, failureReading }, async () => {
          const answer = client.run(CUSTOMERS);
          if (expected === 'answered') expect(await answer).toHaveLength(1);
          else {
            await expect(answer).rejects.toEqual([
              {
                message: 'User error in pre-response plugin: anomalies',
                extensions: { details: { message: 'Missing or wrong hasura-m-auth.' } },
              },
            ]);
          }
        });
      },
    );
  });
});
