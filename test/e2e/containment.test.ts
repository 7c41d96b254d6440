import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FINDING_KINDS } from '../../core/domain/finding.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import {
  callProcedure,
  ndcRows,
  ordinaryOrders,
  ORDERS_QUERY,
  postJson,
  preResponseBody,
  teachOrders,
  until,
} from '../support/traffic.ts';

const POLICIES = [
  {
    kinds: ['unusual_value', 'unusual_combination'],
    severity: 'low',
    key: 'odd-data',
    condition: 'session.`x-hasura-user-id` == finding.user and "orders" in rootFields',
    action: { message: 'Suspicious data.' },
    maxDurationSeconds: 3_600,
  },
  {
    kinds: ['injection_probe'],
    severity: 'low',
    key: 'probe',
    condition: 'session.`x-hasura-user-id` == finding.user',
    maxDurationSeconds: 600,
  },
];

let service: ServiceProcess;

beforeAll(async () => {
  service = await startService({ environment: { SENTINEL_CONTAINMENT: JSON.stringify(POLICIES) } });
  await teachOrders(service);
});

afterAll(async () => {
  await service.end();
  service.remove();
});

const ask = async (userId: string) =>
  (
    await postJson(`${service.apiUrl}/hooks/pre-parse`, {
      session: { role: 'sales', variables: { 'x-hasura-user-id': userId } },
      rawRequest: { query: ORDERS_QUERY, variables: null, operationName: 'Orders' },
    })
  ).status;

const probe = (userId: string) =>
  postJson(`${service.apiUrl}/hooks/pre-response`, {
    session: { role: 'sales', variables: { 'x-hasura-user-id': userId } },
    rawRequest: {
      query: 'query Find($n: String) { orders(where: {country: {_eq: $n}}) { id } }',
      variables: { n: "' OR 1=1; DROP TABLE orders; --" },
      operationName: 'Find',
    },
    response: { data: { orders: [] } },
  });

describe('a detection with a policy', () => {
  it('switches a rule on for that caller, which ends by itself and names the request', async () => {
    expect(await ask('8')).toBe(204);
    await probe('8');
    await until(async () => (await ask('8')) === 400);
    expect(await ask('7')).toBe(204);

    const [rule] = await ndcRows(service, 'kill_switch_rules', [
      'id',
      'key',
      'origin',
      'created_by',
      'valid_to',
      'activated_at',
      'condition',
      'reason',
    ]);
    expect(rule).toMatchObject({
      key: expect.stringMatching(/^probe-[0-9a-f]{8}$/),
      origin: expect.stringMatching(/^anomaly:[0-9a-f-]{36}$/),
      created_by: 'containment',
      condition: 'session.`x-hasura-user-id` == "8"',
      reason: expect.stringContaining('SQL tautology'),
    });
    expect(Date.parse(String(rule?.['valid_to'])) - Date.parse(String(rule?.['activated_at']))).toBe(600_000);
    const [request] = await ndcRows(service, 'request_log', ['id', 'operation_name'], {
      predicate: {
        type: 'binary_comparison_operator',
        column: { type: 'column', name: 'id' },
        operator: '_eq',
        value: { type: 'scalar', value: String(rule?.['origin']).slice('anomaly:'.length) },
      },
    });
    expect(request?.['operation_name']).toBe('Find');
    const audit = await ndcRows(service, 'kill_switch_rule_audit', ['actor', 'surface', 'change']);
    expect(audit).toEqual([{ actor: 'containment', surface: 'system', change: 'create' }]);

    // Lifted by a person it stays lifted, whatever is found again.
    await callProcedure(service, 'deactivate_kill_switch_rule', { id: rule?.['id'] });
    await probe('8');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await ask('8')).toBe(204);
  });

  it('takes a p-value for proof only after correction for the number of tests', async () => {
    const before = (await ndcRows(service, 'kill_switch_rules', ['id'])).length;
    const wrong = { id: 9_999, total: 98_400, country: 'AT', paid: true };
    await postJson(
      `${service.apiUrl}/hooks/pre-response`,
      preResponseBody([...ordinaryOrders(500).slice(0, 9), wrong], { userId: '9' }),
    );
    await until(async () => (await ndcRows(service, 'anomaly_records', ['id'])).length > 0);
    const rows = await ndcRows(service, 'anomaly_records', ['kind', 'p_value']);
    const p = Number(rows.find((row) => String(row['kind']).startsWith('unusual_v'))?.['p_value']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = (await ndcRows(service, 'kill_switch_rules', ['id'])).length;
    const tests = 10 + Object.keys(FINDING_KINDS).length;
    expect(after > before).toBe(p <= 0.001 / tests);
  });

  it('is refused at start where it could act on the opinion of a model, or never end', async () => {
    for (const [policy, message] of [
      [{ ...POLICIES[1], kinds: ['model_opinion'] }, /not model_opinion/],
      [{ ...POLICIES[1], maxDurationSeconds: null }, /maxDurationSeconds/],
      [{ ...POLICIES[1], condition: 'role == finding.nothing' }, /no finding.nothing/],
    ] as const) {
      const environment = { SENTINEL_CONTAINMENT: JSON.stringify([policy]) };
      await expect(startService({ environment })).rejects.toThrow(message);
    }
  });
});
