import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASE_MASKS, NDC_MASK_CASES } from '../core/document/ndc-mask-cases.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { callProcedure, postJson } from '../support/traffic.ts';

let service: ServiceProcess;

beforeAll(async () => {
  service = await startService();
  await activate('mask-columns', 'collection in ["customers", "insert_customer", "find_customer"]', {
    action_type: 'mask',
    action: { masks: CASE_MASKS },
  });
});

afterAll(async () => {
  await service.end();
  service.remove();
});

const activate = (key: string, condition: string, action: object) =>
  callProcedure(service, 'create_kill_switch_rule', { key, condition, ...action, status: 'active', reason: 'a test' });

async function hook(name: string, body: unknown): Promise<{ status: number; text: string }> {
  const response = await postJson(`${service.apiUrl}/hooks/${name}`, body);
  return { status: response.status, text: await response.text() };
}

const ndcBody = (ndcRequest: unknown, ndcResponse: unknown) => ({
  session: { role: 'analyst', variables: { 'x-hasura-role': 'analyst' } },
  dataConnectorName: { subgraph: 'app', name: 'shop' },
  operationType: 'query',
  ndcVersion: 'v0.2.x',
  ndcRequest,
  ndcResponse,
});

describe('a mask at the pre-ndc-response hook', () => {
  it.each(NDC_MASK_CASES)('reaches $place', async ({ request, response, masked }) => {
    const { status, text } = await hook('pre-ndc-response', ndcBody(request, response));
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual(masked);
  });

  it('withholds rows in which a text stands for the object that holds the column', async () => {
    const request = { collection: 'customers', query: { fields: { a: { type: 'column', column: 'addr' } } } };
    const { status, text } = await hook('pre-ndc-response', ndcBody(request, [{ rows: [{ a: '{"zip":"1010"}' }] }]));
    expect(status).toBe(400);
    expect(text).not.toContain('1010');
  });
});
