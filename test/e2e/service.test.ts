import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../support/stores.ts';
import { metricsText, type ServiceProcess, startService } from '../support/service-process.ts';
import {
  callProcedure,
  graphql,
  ndcRows,
  ordinaryOrders,
  ORDERS_QUERY,
  postJson,
  preResponseBody,
  teachOrders,
} from '../support/traffic.ts';

const NO_SUCH_ID = '01900000-0000-7000-8000-000000000000';

const equals = (name: string, value: string) => ({
  type: 'binary_comparison_operator',
  column: { type: 'column', name },
  operator: '_eq',
  value: { type: 'scalar', value },
});

describe.each(TEST_DIALECTS)('the service as a user starts it, on %s', (dialect) => {
  let database: TestDatabase;
  let service: ServiceProcess;

  beforeAll(async () => {
    database = await createTestDatabase(dialect, { migrated: false });
    service = await startService({ environment: { DATABASE_URL: database.url } });
    await teachOrders(service);
  });

  afterAll(async () => {
    const code = await service.end();
    service.remove();
    await database.drop();
    expect(code).toBe(0);
  });

  const wrong = { id: 9_999, total: 98_400, country: 'AT', paid: true };

  it('finds a wrong value in a response and says why, by NDC, GraphQL and REST alike', async () => {
    const orders = [...ordinaryOrders(500).slice(0, 9), wrong];
    const hook = await postJson(`${service.apiUrl}/hooks/pre-response`, preResponseBody(orders), {
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    });
    expect(hook.status).toBe(204);

    const [analysis] = await ndcRows(
      service,
      'anomaly_analyses',
      ['id', 'role', 'user_id', 'trace_id', 'dataset', 'anomalous_records_count'],
      {
        // What was taught may have raised one of its own.
        predicate: { type: 'and', expressions: [equals('trace_id', 'a'.repeat(32)), equals('dataset', 'orders')] },
      },
    );
    expect(analysis).toMatchObject({
      role: 'sales',
      user_id: '7',
      trace_id: 'a'.repeat(32),
      dataset: 'orders',
      anomalous_records_count: 1,
    });

    const { data } = await graphql(
      service,
      'query ($id: UUID!) { anomalyRecords(where: {analysisId: {_eq: $id}}) { recordIndex kind reason pValue anomalyFields(orderBy: [{rank: asc}]) { fieldName description } anomalyAnalysis { id } } }',
      { id: analysis?.['id'] },
    );
    expect(data['anomalyRecords']).toMatchObject([
      { recordIndex: 9, kind: 'unusual_value', anomalyAnalysis: { id: analysis?.['id'] } },
    ]);
    expect(data['anomalyRecords'][0]['anomalyFields'][0]).toMatchObject({
      fieldName: 'total',
      description: expect.stringContaining('98,400'),
    });

    const rest = await postJson(`${service.apiUrl}/anomalies`, preResponseBody(orders), {
      'x-hasura-role': 'sales',
      'x-hasura-user': '7',
    });
    const body = (await rest.json()) as {
      results: Record<string, { is_anomaly: boolean; statistical_flags: number; model_details: object }>;
    };
    expect(rest.status).toBe(200);
    expect(body.results['orders']).toMatchObject({
      is_anomaly: true,
      statistical_flags: 1,
      model_details: { model_type: 'isolation_forest' },
    });
  });

  it('serves the history, model and statistics of a query by the original routes', async () => {
    const [query] = await ndcRows(service, 'query_patterns', ['query_id', 'query_hash']);
    for (const id of [query?.['query_id'], query?.['query_hash']]) {
      const model = (await (await fetch(`${service.apiUrl}/model/${encodeURIComponent(String(id))}`)).json()) as {
        model_info: { status: string; features: number };
      };
      expect(model.model_info).toMatchObject({ status: 'active', features: 4 });
    }
    const stats = (await (await fetch(`${service.apiUrl}/stats/${String(query?.['query_hash'])}`)).json()) as {
      historical_records: number;
    };
    expect(stats.historical_records).toBeGreaterThanOrEqual(400);
  });

  it('summarises a query as a function, by either id, with the fields that are asked for', async () => {
    const [query] = await ndcRows(service, 'query_patterns', ['query_id', 'query_hash']);
    const column = (name: string, fields?: object) => ({ type: 'column', column: name, arguments: {}, fields });
    const baselines = {
      type: 'array',
      fields: { type: 'object', fields: { dataset: column('dataset'), scope: column('scope') } },
    };
    const selected = {
      type: 'object',
      fields: { status: column('status'), baselines: column('baselines', baselines) },
    };
    for (const id of [query?.['query_id'], query?.['query_hash']]) {
      const response = await postJson(`${service.ndcUrl}/query`, {
        collection: 'query_summary',
        arguments: { query_id: { type: 'literal', value: id } },
        collection_relationships: {},
        query: { fields: { __value: column('__value', selected) } },
      });
      expect(await response.json()).toEqual([
        { rows: [{ __value: { status: 'active', baselines: [{ dataset: 'orders', scope: 'sales' }] } }] },
      ]);
    }
    const { data } = await graphql(
      service,
      'query ($id: String!) { querySummary(queryId: $id) { queryHash historicalRecords baselines { modelVersion } } }',
      { id: query?.['query_id'] },
    );
    const stats = (await (await fetch(`${service.apiUrl}/stats/${String(query?.['query_hash'])}`)).json()) as object;
    expect(stats).toMatchObject({
      query_hash: data['querySummary'].queryHash,
      historical_records: data['querySummary'].historicalRecords,
      model_info: { version: data['querySummary'].baselines[0].modelVersion },
    });
  });

  it('analyses a record by NDC, GraphQL and REST alike, and keeps what it found', async () => {
    const [query] = await ndcRows(service, 'query_patterns', ['query_id', 'query_hash']);
    const id = query?.['query_id'];
    const analysed = await callProcedure(service, 'analyze_record', { query_id: id, record: wrong });
    expect(analysed).toMatchObject({ query_id: id, dataset: 'orders', is_anomaly: true, baseline: 'shape' });
    expect(analysed['findings']).toMatchObject([{ kind: 'unusual_value', reason: expect.stringContaining('98,400') }]);
    const logged = await ndcRows(service, 'request_log', ['id', 'hook', 'anomalous']);
    expect(logged).toContainEqual({ id: analysed['id'], hook: 'rest', anomalous: true });

    const { data } = await graphql(
      service,
      `
        mutation ($id: String!, $record: JSON!) {
          analyzeRecord(queryId: $id, record: $record) {
            score
            pValue
            findings {
              recordIndex
              anomalyFields {
                fieldName
              }
            }
          }
        }
      `,
      { id: query?.['query_hash'], record: wrong },
    );
    expect(data['analyzeRecord']).toMatchObject({
      score: analysed['score'],
      pValue: analysed['p_value'],
      findings: [{ recordIndex: 0, anomalyFields: expect.arrayContaining([{ fieldName: 'total' }]) as unknown }],
    });

    const rest = await postJson(`${service.apiUrl}/analyze/${encodeURIComponent(String(id))}`, wrong);
    expect(await rest.json()).toMatchObject({
      query_id: id,
      analysis: { is_anomaly: true, score: -(analysed['score'] as number) },
    });
  });

  it('learns no record of a mutation that fails, and says what was wrong with it', async () => {
    const [query] = await ndcRows(service, 'query_patterns', ['query_id']);
    const id = query?.['query_id'];
    const analyze = (args: object) => ({ type: 'procedure', name: 'analyze_record', arguments: args });
    const mutate = async (...operations: object[]) => {
      const response = await postJson(`${service.ndcUrl}/mutation`, { operations, collection_relationships: {} });
      return { status: response.status, body: (await response.json()) as { details: object } };
    };
    const learnt = async () => {
      const rows = await ndcRows(service, 'historical_data', ['record_count', 'query_id']);
      return rows.find((row) => row['query_id'] === id)?.['record_count'] as number;
    };
    const before = await learnt();
    const good = { query_id: id, record: ordinaryOrders(7)[0] };
    const refused = await mutate(analyze(good), analyze({ query_id: 'f'.repeat(32), record: {} }));
    expect(refused).toMatchObject({
      status: 422,
      body: { details: { code: 'UNKNOWN_QUERY', path: 'operations[1].arguments.query_id' } },
    });
    expect(await mutate(analyze({ query_id: id, record: [1] }))).toMatchObject({
      status: 422,
      body: { details: { code: 'RECORD_FORM', path: 'operations[0].arguments.record' } },
    });
    expect(await learnt()).toBe(before);
    expect((await mutate(analyze(good), analyze(good))).status).toBe(200);
    expect(await learnt()).toBe(before + 2);
  });

  it('forgets no query that was never seen, takes a hash for an id, and forgets nothing in a mutation that fails', async () => {
    const [query] = await ndcRows(service, 'query_patterns', ['query_id', 'query_hash']);
    const clear = (id: unknown): object => ({ type: 'procedure', name: 'clear_history', arguments: { query_id: id } });
    const undo = { type: 'procedure', name: 'retrain_model', arguments: { baseline_id: NO_SUCH_ID } };
    for (const [operations, code, place] of [
      [[clear('nonsense')], 'UNKNOWN_QUERY', 'operations[0].arguments.query_id'],
      [[clear('f'.repeat(32))], 'UNKNOWN_QUERY', 'operations[0].arguments.query_id'],
      [[clear(query?.['query_hash']), undo], 'BASELINE_UNKNOWN', 'operations[1].arguments.baseline_id'],
    ] as const) {
      const response = await postJson(`${service.ndcUrl}/mutation`, { operations, collection_relationships: {} });
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ details: { code, path: place } });
    }
    expect((await ndcRows(service, 'historical_data', ['query_id'])).length).toBeGreaterThan(0);
  });

  it('takes feedback on a finding', async () => {
    const [finding] = await ndcRows(service, 'anomaly_records', ['id']);
    const labelled = await callProcedure(service, 'label_anomaly', {
      id: finding?.['id'],
      label: 'confirmed',
      note: 'a typo at the till',
    });
    expect(labelled).toMatchObject({ label: 'confirmed', note: 'a typo at the till' });
    const repeated = await callProcedure(service, 'label_anomaly', { id: finding?.['id'], label: 'confirmed' });
    expect(repeated['labelled_at']).toBe(labelled['labelled_at']);
  });

  it('refuses the next request once a rule was created by NDC, and lets it pass once it was lifted', async () => {
    const ask = () =>
      postJson(`${service.apiUrl}/hooks/pre-parse`, {
        session: { role: 'support', variables: {} },
        rawRequest: { query: ORDERS_QUERY, variables: null, operationName: 'Orders' },
      });
    expect((await ask()).status).toBe(204);
    const rule = await callProcedure(service, 'create_kill_switch_rule', {
      key: 'orders-closed',
      condition: 'role == "support" and "orders" in rootFields',
      status: 'active',
      reason: 'stocktaking',
      action: { message: 'Orders are closed for stocktaking.' },
    });
    const refused = await ask();
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      code: 'KILL_SWITCH',
      ruleKey: 'orders-closed',
      message: 'Temporarily blocked. Orders are closed for stocktaking.',
      until: null,
    });
    await callProcedure(service, 'deactivate_kill_switch_rule', { id: rule['id'] });
    expect((await ask()).status).toBe(204);
  });

  it('does the same by a GraphQL mutation, and keeps the audit', async () => {
    const { data, errors } = await graphql(
      service,
      `
        mutation ($condition: String!) {
          createKillSwitchRule(key: "no-exports", condition: $condition, status: "active", reason: "leak") {
            id
            status
            revision
            createdBy
            changes {
              change
              actor
              surface
              reason
            }
          }
        }
      `,
      { condition: 'operationName == "Export"' },
    );
    expect(errors).toBeUndefined();
    expect(data['createKillSwitchRule']).toMatchObject({
      status: 'active',
      createdBy: 'admin',
      changes: [{ change: 'create', actor: 'admin', surface: 'graphql', reason: 'leak' }],
    });
    const refused = await postJson(`${service.apiUrl}/hooks/pre-parse`, {
      session: { role: 'sales', variables: {} },
      rawRequest: { query: 'query Export { orders { id } }', variables: {}, operationName: 'Export' },
    });
    expect(refused.status).toBe(400);
  });

  it("answers the seed's /validate for a namespace of its own", async () => {
    await callProcedure(service, 'create_kill_switch_rule', {
      namespace: 'payments',
      key: 'hsbc-down',
      condition: 'WORKFLOW == "PURCHASE" and BANK == "HSBC"',
      status: 'active',
      reason: 'HSBC is down',
    });
    const matches = async (data: object) =>
      (await (await postJson(`${service.apiUrl}/validate`, { identifier: 'payments', data })).json()) as unknown;
    expect(await matches({ WORKFLOW: 'PURCHASE', BANK: 'HSBC' })).toEqual({ matches: true });
    expect(await matches({ WORKFLOW: 'PURCHASE', BANK: 'DBS' })).toEqual({ matches: false });
    expect(await matches({})).toEqual({ matches: false });
  });

  it('is ready and healthy, and counts what it did', async () => {
    expect(await (await fetch(`${service.apiUrl}/ready`)).json()).toEqual({ status: 'ready' });
    expect((await fetch(`${service.ndcUrl}/health`)).status).toBe(200);
    const metrics = await metricsText(service);
    expect(metrics).toMatch(/^sentinel_findings_total\{kind="unusual_value",severity="\w+"\} [1-9]/m);
    expect(metrics).toMatch(/^sentinel_hook_events_total\{event="refused",hook="pre-parse"\} [1-9]/m);
  });
});
