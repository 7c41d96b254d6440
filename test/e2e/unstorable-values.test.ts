import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReader } from '../../schema/readers/open-reader.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../support/stores.ts';
import { callProcedure, ndcRows, ORDERS_QUERY, ordinaryOrders, postJson, until } from '../support/traffic.ts';

/**
 * What one database or the other can not hold: U+0000, lone surrogates, years outside 1 to 9999. An argument is refused
 * with its place, the same everywhere; what a client of the engine put into a request is kept with U+FFFD in its place.
 */
describe.each(TEST_DIALECTS)('values that no database holds, on %s', (dialect) => {
  let database: TestDatabase;
  let service: ServiceProcess;

  beforeAll(async () => {
    database = await createTestDatabase(dialect);
    service = await startService({ environment: { DATABASE_URL: database.url } });
  });

  afterAll(async () => {
    await service.end();
    service.remove();
    await database.drop();
  });

  const rule = { key: 'a1', condition: 'role == "nobody"' };
  const id = '0190abcd-0000-7000-8000-00000000000f';

  it.each([
    ['label_anomaly', { id, label: 'confirmed', note: 'a\0' }, 'note'],
    ['clear_history', { query_id: '\0' }, 'query_id'],
    ['create_kill_switch_rule', { ...rule, description: '\ud800' }, 'description'],
    ['create_kill_switch_rule', { ...rule, reason: '\0' }, 'reason'],
    ['create_kill_switch_rule', { ...rule, condition: 'role == "\ud800"' }, 'condition'],
    ['create_kill_switch_rule', { ...rule, action: { message: 'a\0' } }, 'action.message'],
    [
      'create_kill_switch_rule',
      { ...rule, action_type: 'respond', action: { body: { data: ['\udfff'] } } },
      'action.body.data[0]',
    ],
    ['create_kill_switch_rule', { ...rule, tags: ['ok', '\0'] }, 'tags[1]'],
    ['create_kill_switch_rule', { ...rule, valid_to: '9999-12-31T23:59:59-14:00' }, 'valid_to'],
    ['create_kill_switch_rule', { ...rule, valid_from: '0000-06-01T00:00:00Z' }, 'valid_from'],
    ['create_kill_switch_rule', { ...rule, valid_from: '0001-01-01T00:00:00+14:00' }, 'valid_from'],
  ])('%s %j is refused with its place', async (name, args, path) => {
    const response = await postJson(`${service.ndcUrl}/mutation`, {
      operations: [{ type: 'procedure', name, arguments: args }],
      collection_relationships: {},
    });
    expect(await response.json()).toMatchObject({
      details: { code: 'ARGUMENT_TYPE', path: `operations[0].arguments.${path}` },
    });
    expect(response.status).toBe(422);
  });

  it.each([
    ['key', '_eq', 'a\0'],
    ['valid_to', '_gt', '0000-01-01T00:00:00Z'],
    ['valid_to', '_gt', '0001-01-01T00:00:00+14:00'],
    ['valid_to', '_lt', '9999-12-31T23:59:59-14:00'],
  ])('a query that compares %s %s %j is refused with its place', async (column, operator, value) => {
    const response = await postJson(`${service.ndcUrl}/query`, {
      collection: 'kill_switch_rules',
      arguments: {},
      collection_relationships: {},
      query: {
        fields: {},
        predicate: {
          type: 'binary_comparison_operator',
          column: { type: 'column', name: column },
          operator,
          value: { type: 'scalar', value },
        },
      },
    });
    expect(await response.json()).toMatchObject({
      details: { code: 'BAD_SCALAR', path: 'query.predicate.value.value' },
    });
    expect(response.status).toBe(422);
  });

  it.each([
    ['POST', '/kill-switch/rules', { ...rule, description: '\0' }, 422],
    ['POST', '/kill-switch/rules', { ...rule, condition: 'role == "\ud800"' }, 422],
    ['GET', '/kill-switch/rules/a%00', undefined, 404],
    ['GET', '/kill-switch/rules?namespace=%00', undefined, 400],
    ['PATCH', '/kill-switch/rules/a%00', { description: 'x' }, 404],
    ['POST', '/ofrep/v1/evaluate/flags/%00', { context: {} }, 404],
    ['POST', '/ofrep/v1/evaluate/flags/ddn.%00', { context: {} }, 404],
    ['POST', '/kill-switch/evaluate', { fact: { role: '\0' } }, 200],
  ])('%s %s %j is answered with %i', async (method, path, body, status) => {
    const response = await fetch(`${service.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${service.adminToken()}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect({ status: response.status, body: await response.text() }).toMatchObject({ status });
  });

  it('the extremes of numbers and times are taken and given back', async () => {
    const extremes = {
      priority: -2_147_483_648,
      valid_from: '0001-01-01T00:00:00.000Z',
      valid_to: '9999-12-31T23:59:59.999Z',
    };
    await callProcedure(service, 'create_kill_switch_rule', { ...rule, key: 'extremes', ...extremes });
    const predicate = {
      type: 'and',
      expressions: Object.entries(extremes).map(([name, value]) => ({
        type: 'binary_comparison_operator',
        column: { type: 'column', name },
        operator: '_eq',
        value: { type: 'scalar', value },
      })),
    };
    expect(await ndcRows(service, 'kill_switch_rules', Object.keys(extremes), { predicate })).toEqual([extremes]);
  });

  it('a claimed name is recorded with U+FFFD in their place, and is not cut through a character', async () => {
    const named = async (key: string, user: string) =>
      callProcedure(service, 'create_kill_switch_rule', { ...rule, key, headers: { 'x-hasura-user-id': user } });
    expect(await named('by-nul', 'ann\0\ud800')).toMatchObject({ created_by: 'ann\ufffd\ufffd' });
    expect(await named('by-emoji', `${'x'.repeat(199)}🎵`)).toMatchObject({ created_by: 'x'.repeat(199) });
  });

  it('a request that has them in its session and its data is logged, counted and learnt like any other', async () => {
    await callProcedure(service, 'create_kill_switch_rule', {
      key: 'watched',
      condition: 'role.startsWith("n")',
      status: 'active',
      action_type: 'block',
      reason: 'a test',
      wait_for_instances: true,
    });
    for (const role of ['n\0', 'n\ud800', 'night']) {
      const refused = await postJson(`${service.apiUrl}/hooks/pre-parse`, {
        session: { role, variables: { 'x-hasura-user-id': '7\0' } },
        rawRequest: { query: ORDERS_QUERY, variables: null, operationName: null },
      });
      expect(refused.status).toBe(400);
    }
    const seen = await postJson(`${service.apiUrl}/hooks/pre-response`, {
      session: { role: 's\0', variables: { 'x-hasura-user-id': '7\0' } },
      rawRequest: {
        query: 'query Q($where: W) { orders(where: $where) { id } }',
        variables: { where: { 'a\0': '\ud800' } },
        operationName: 'Q\0',
      },
      response: { data: { orders: ordinaryOrders(0).map((order) => ({ ...order, country: 'A\0\ud800' })) } },
    });
    expect(seen.status).toBe(204);
    const predicate = (name: string, value: string) => ({
      type: 'binary_comparison_operator',
      column: { type: 'column', name },
      operator: '_eq',
      value: { type: 'scalar', value },
    });
    await until(
      async () =>
        (await ndcRows(service, 'request_log', ['user_id'], { predicate: predicate('role', 's\ufffd') })).length === 1,
    );
    // The tally is flushed every ten seconds, and at the end.
    expect(await service.end()).toBe(0);
    const reader = await openReader(database.location);
    const hits = { sql: 'select distinct role from traffic_metrics where enforced > 0', parameters: [] };
    const roles = (await reader.execute(hits)).map(([role]) => role);
    await reader.close();
    expect(new Set(roles)).toEqual(new Set(['n\ufffd', 'night']));
    expect(service.output()).not.toMatch(/refused by the database|could not be/);
  });
});
