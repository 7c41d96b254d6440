import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeMessagesApi, QUIET_ANSWER, startFakeMessagesApi } from '../support/fake-messages-api.ts';
import { metricsText, runCommand, type ServiceProcess, startService } from '../support/service-process.ts';
import { ndcRows, ordinaryOrders, postJson, preResponseBody, teachOrders, until } from '../support/traffic.ts';

const KEY = 'sk-ant-a-key-of-this-test';
const headers = { 'x-hasura-role': 'sales', 'x-hasura-user': '7' };
const withWrongTotal = (n: number) =>
  preResponseBody([...ordinaryOrders(n).slice(0, 9), { id: 1, total: 98_400, country: 'AT', paid: true }]);

let api: FakeMessagesApi;
let service: ServiceProcess;
let environment: Record<string, string>;

beforeAll(async () => {
  api = await startFakeMessagesApi();
  api.behave({
    kind: 'answer',
    answer: {
      ...QUIET_ANSWER,
      anomalies_detected: true,
      records: [
        { record_index: 0, reason: 'the total does not fit a sale', risk_level: 'high', category: 'business_logic' },
      ],
      summary: 'One order total is far out of range.',
      query_pattern_analysis: {
        typical: false,
        concerns: ['a till may be broken'],
        recommendations: ['look at the till'],
      },
    },
  });
  environment = {
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_BASE_URL: api.url,
    SENTINEL_ANALYST: '1',
    SENTINEL_ANALYST_SEVERITY: 'low',
  };
  service = await startService({ environment });
  await teachOrders(service);
});

afterAll(async () => {
  expect(await service.end()).toBe(0);
  service.remove();
  await api.close();
});

describe('the analyst in the running service', () => {
  it("gives the original's one-shot answer to a caller who waits", async () => {
    const response = await postJson(`${service.apiUrl}/anomalies?wait=analysis`, withWrongTotal(500), headers);
    const body = (await response.json()) as {
      results: { orders: { is_anomaly: boolean; query_analysis: { query_pattern_analysis: object } } };
      metadata: { total_anomalies: number; analyst: object };
    };
    expect(response.status).toBe(200);
    expect(body.metadata).toMatchObject({
      total_anomalies: 1,
      analyst: {
        status: 'answered',
        summary: 'One order total is far out of range.',
        prompt_version: expect.any(String),
      },
    });
    expect(body.results.orders.query_analysis.query_pattern_analysis).toMatchObject({
      typical: false,
      concerns: expect.arrayContaining(['a till may be broken']),
      recommendations: expect.arrayContaining(['look at the till']),
    });
  });

  it('publishes its opinion with the exact prompt, and its state', async () => {
    await until(async () => (await ndcRows(service, 'analyst_opinions', ['id'])).length > 0);
    const [opinion] = await ndcRows(service, 'analyst_opinions', ['model', 'prompt', 'summary']);
    expect(opinion).toMatchObject({ summary: 'One order total is far out of range.' });
    expect(String(opinion?.['prompt'])).toContain('orders');
    const said = await ndcRows(service, 'anomaly_records', ['kind', 'reason', 'severity', 'category'], {
      predicate: {
        type: 'binary_comparison_operator',
        column: { type: 'column', name: 'kind' },
        operator: '_eq',
        value: { type: 'scalar', value: 'model_opinion' },
      },
    });
    expect(said).toContainEqual(
      expect.objectContaining({ reason: 'the total does not fit a sale', category: 'business_logic' }),
    );
    expect(await (await fetch(`${service.apiUrl}/health`)).json()).toHaveProperty('analyst');
    const metrics = await metricsText(service);
    expect(metrics).toMatch(/^sentinel_analyst_questions\{outcome="answered"\} [1-9]/m);
  });

  it('does not ask the same again, and a hook never waits for it', async () => {
    const before = api.requests.length;
    api.behave({ kind: 'slow', ms: 5_000, answer: QUIET_ANSWER });
    const startedAt = performance.now();
    expect((await postJson(`${service.apiUrl}/hooks/pre-response`, withWrongTotal(600))).status).toBe(204);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(api.requests.length).toBe(before);
  });

  it('keeps its key out of every output', () => {
    expect(service.output()).not.toContain(KEY);
  });
});

describe('ndc-sentinel doctor', () => {
  it('says that all is well, and of a refused key what to mend', async () => {
    const options = { ...environment, ANOMALY_DETECTION_DATA: service.folder };
    const well = await runCommand(['doctor'], options);
    expect(well.stdout).toMatch(/^ok {5}model provider: .* answers/m);
    expect(well.code).toBe(0);
    api.models({ kind: 'error', status: 401, type: 'authentication_error' });
    const refused = await runCommand(['doctor'], options);
    expect(refused.stdout).toMatch(/^WRONG {2}model provider: /m);
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).not.toContain(KEY);
  });

  it('needs no model provider', async () => {
    const { code, stdout } = await runCommand(['doctor'], { ANOMALY_DETECTION_DATA: service.folder });
    expect(stdout).toContain('model provider: off');
    expect(code).toBe(0);
  });
});
