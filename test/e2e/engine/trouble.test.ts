import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  equals,
  type GuardedSupergraph,
  hooksTo,
  startGuardedSupergraph,
  synchronously,
} from '../../support/engine/guarded-supergraph.ts';
import type { EngineHooks } from '../../support/engine/hook-metadata.ts';
import { CUSTOMERS, LOGGED, newTrace, settled } from '../../support/engine/request-log.ts';

describe('trouble', () => {
  let guarded: GuardedSupergraph;
  beforeAll(async () => {
    guarded = await startGuardedSupergraph();
  });
  afterAll(() => guarded.close());

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
  ] as const)('with the secret of a synchronous hook: by the %s, %s is %i', async (failureReading, mode, expected) => {
    const { response } = synchronously(hooksTo(guarded.service.apiUrl, 'wrong'), mode);
    await guarded.withEngine({ hooks: { ...guarded.hooks, response }, failureReading }, async () => {
      expect((await guarded.graphql(CUSTOMERS)).status).toBe(expected);
    });
  });

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
