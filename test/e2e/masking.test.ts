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

/** Numbers that JavaScript would write differently. */
const NUMBERS = '"id":9007199254740993,"share":1.10,"most":1e999';

describe('a body that a rule changed', () => {
  beforeAll(async () => {
    await activate('mask-fields', '"customers" in rootFields and role == "reader"', {
      action_type: 'mask',
      action: { masks: CASE_MASKS },
    });
    await activate('strip-fields', '"customers" in rootFields and role == "writer"', {
      action_type: 'strip',
      action: { paths: ['customers.ssn'] },
    });
  });

  it('has the other numbers of a GraphQL response to the digit', async () => {
    const query = 'query Q($id: Int) { customers(id: $id) { ssn id share most } }';
    const { status, text } = await hook(
      'pre-response?mode=synchronous',
      `{"session":{"role":"reader","variables":{}},"rawRequest":{"query":${JSON.stringify(query)},"variables":{"id":1.0},
        "operationName":null},"response":{"data":{"customers":[{"ssn":"111",${NUMBERS}}]},"extensions":{"n":1.0}}}`,
    );
    expect([status, text]).toEqual([200, `{"data":{"customers":[{"ssn":"x",${NUMBERS}}]},"extensions":{"n":1.0}}`]);
  });

  it('has the other numbers of an NDC response to the digit', async () => {
    const fields = { ssn: 'ssn', id: 'id', share: 'share', most: 'most' };
    const columns = Object.entries(fields).map(([alias, column]) => [alias, { type: 'column', column }]);
    const request = { collection: 'customers', query: { fields: Object.fromEntries(columns) } };
    const body = JSON.stringify(ndcBody(request, 'HERE')).replace('"HERE"', `[{"rows":[{"ssn":"111",${NUMBERS}}]}]`);
    expect(await hook('pre-ndc-response', body)).toEqual({
      status: 200,
      text: `[{"rows":[{"ssn":"x",${NUMBERS}}]}]`,
    });
  });

  it('has the variables of a stripped request to the digit', async () => {
    const query = 'query Q($id: Int, $in: JSON, $n: Int) { customers(id: $id, in: $in) { id ssn(n: $n) } }';
    const { status, text } = await hook(
      'pre-parse',
      `{"session":{"role":"writer","variables":{}},"rawRequest":{"query":${JSON.stringify(query)},
        "variables":{"id":9007199254740993,"in":{${NUMBERS}},"n":1},"operationName":"Q"}}`,
    );
    expect(status).toBe(299);
    expect(text).toContain(`"variables":{"id":9007199254740993,"in":{${NUMBERS}}}`);
  });
});

describe('a stripped mutation', () => {
  it('keeps every write, with the variables it needs', async () => {
    await activate('strip-results', 'operationType == "mutation"', {
      action_type: 'strip',
      action: { paths: ['updateA.secret'] },
    });
    const { status, text } = await hook('pre-parse', {
      session: { role: 'writer', variables: {} },
      rawRequest: {
        query: 'mutation Both($i: Int, $n: Int) { updateA(id: $i) { secret } updateB(id: $n) { id } }',
        variables: { i: 1, n: 2 },
        operationName: 'Both',
      },
    });
    expect(status).toBe(299);
    const { query, variables } = JSON.parse(text) as { query: string; variables: unknown };
    expect(query.replaceAll(/\s+/g, ' ')).toBe(
      'mutation Both($i: Int, $n: Int) { updateA(id: $i) { __typename } updateB(id: $n) { id } }',
    );
    expect(variables).toEqual({ i: 1, n: 2 });
  });
});
