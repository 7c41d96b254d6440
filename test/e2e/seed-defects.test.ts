import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../support/stores.ts';
import { cpuSecondsOf, modelsTrainedBy, type ServiceProcess, startService } from '../support/service-process.ts';
import {
  callProcedure,
  graphql,
  ndcRows,
  ordinaryOrders,
  postJson,
  preResponseBody,
  until,
} from '../support/traffic.ts';

/**
 * The defects of the Python plugin this service replaces, each as what a user would see. The numbers are those of the
 * list they were collected in; D15 and D17–D19 are about files and the language model and are tested with them.
 */
const SECRET = 'secret of the engine';
const AUTH = { 'hasura-m-auth': SECRET };
/** Of fewer records in a model, one strange record among ten is not certain enough. */
const TAUGHT = 1_000;
const AT_ONCE = 5;

describe.each(TEST_DIALECTS)('defects of the original, on %s', (dialect) => {
  let database: TestDatabase;
  let service: ServiceProcess;
  /** Models that the process before this one trained. */
  let modelsBefore = 0;

  beforeAll(async () => {
    database = await createTestDatabase(dialect);
    service = await start();
  });

  afterAll(async () => {
    await service.end();
    service.remove();
    await database.drop();
  });

  const start = (folder?: string) =>
    startService({
      environment: {
        DATABASE_URL: database.url,
        M_AUTH_KEY: SECRET,
        SENTINEL_EVENT_TIME_HEADER: 'x-event-time',
        MINIMUM_TRAINING_RECORDS: String(TAUGHT),
      },
      ...(folder !== undefined && { folder }),
    });

  /** A response of one root field, from a query of its own. */
  async function observe(
    field: string,
    rows: unknown,
    { role = 'sales', query = `query { ${field} { id } }`, headers = {} } = {},
  ) {
    const body = {
      session: { role, variables: { 'x-hasura-role': role, 'x-hasura-user-id': '7' } },
      rawRequest: { query, variables: {}, operationName: null },
      response: { data: { [field]: rows } },
    };
    const response = await postJson(`${service.apiUrl}/hooks/pre-response`, body, { ...AUTH, ...headers });
    expect(response.status).toBe(204);
  }

  /** Teaches the records of a first model, and waits until the service scores by it; the next one is far away. */
  async function teach(field: string, rowsOf: (n: number) => unknown[]): Promise<void> {
    const pages = TAUGHT / rowsOf(0).length;
    for (let n = 0; n < pages; n += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => observe(field, rowsOf(n + i))));
    await until(async () => {
      const models = await ndcRows(service, 'trained_models', ['baseline_id']);
      const taught = (await baselinesOf(field)).every(({ id }) => models.some((row) => row['baseline_id'] === id));
      return taught && models.length - modelsBefore === (await modelsTrainedBy(service));
    }, 60);
  }

  const baselinesOf = async (field: string) =>
    (await ndcRows(service, 'historical_data', ['id', 'dataset', 'query_id', 'scope', 'record_count'])).filter(
      (row) => row['dataset'] === field,
    );

  const learnt = async (field: string) =>
    Number((await baselinesOf(field)).find((row) => row['query_id'] !== null)?.['record_count']);

  async function findingsOf(field: string) {
    const rows = await ndcRows(service, 'anomaly_records', [
      'id',
      'analysis_id',
      'dataset',
      'kind',
      'record_index',
      'reason',
      'severity',
    ]);
    return rows.filter((row) => row['dataset'] === field);
  }

  const number = (k: number) => ({ id: k, total: 20 + ((k * 7_919) % 1_000) / 10, items: 1 + ((k * 31) % 5) });
  const numbers = (n: number, count = 50) => Array.from({ length: count }, (_, i) => number(n * 10 + i));

  it('D1: the first request of a query is learnt with all its rows', async () => {
    await observe('first', numbers(0, 30));
    expect(await learnt('first')).toBe(30);
  });

  it('D2, D3: planted extremes are flagged and they alone, and a clean result is not', async () => {
    await teach('planted', numbers);
    const clean = Array.from({ length: 200 }, (_, k) => number(20_000 + k));
    await observe('planted', clean);
    expect((await findingsOf('planted')).length).toBeLessThanOrEqual(2);
    const before = new Set((await findingsOf('planted')).map((row) => row['id']));
    const rows = clean.slice(0, 100).map((row, i) => (i % 40 === 5 ? { ...row, total: 98_400 } : row));
    await observe('planted', rows);
    const flagged = (await findingsOf('planted')).filter((row) => !before.has(row['id']));
    expect(flagged.filter((row) => row['kind'] === 'unusual_value').map((row) => row['record_index'])).toEqual(
      expect.arrayContaining([5, 45, 85]),
    );
    expect(flagged.length).toBeLessThanOrEqual(5);
  });

  it('D4: a process started anew scores the same rows alike, texts among them', async () => {
    const named = (n: number) => numbers(n).map((row, i) => ({ ...row, country: ['AT', 'CH', 'DE'][(n + i) % 3] }));
    await teach('renamed', named);
    const scores = async () => {
      const strange = [...named(3).slice(0, 1), { id: 1, total: 98_400, items: 77, country: 'AT' }];
      await observe('renamed', strange);
      const rows = await ndcRows(service, 'anomaly_records', ['dataset', 'reason', 'score']);
      const found = rows.filter((row) => row['dataset'] === 'renamed' && String(row['reason']).includes('98,400'));
      return found.map((row) => row['score']);
    };
    const [before] = await scores();
    expect(before).toEqual(expect.any(Number));
    modelsBefore += await modelsTrainedBy(service);
    await service.end();
    service = await start(service.folder);
    expect(await scores()).toEqual([before, before]);
  });

  it('D5: digits, dots and dashes that are no number do not make a row unanalysable', async () => {
    const odd = (n: number) =>
      numbers(n).map((row, i) => ({
        ...row,
        phone: `555-${1_000 + n * 10 + i}`,
        ip: `10.0.${n % 256}.${i}`,
        day: '2026-01-02',
        version: '1.2.3',
        none: '000-00-0000',
      }));
    await teach('odd', odd);
    expect(await learnt('odd')).toBeGreaterThanOrEqual(990);
    await observe('odd', [...odd(40).slice(0, 1), { ...odd(40)[1], total: 98_400 }]);
    expect((await findingsOf('odd')).map((row) => row['record_index'])).toContain(1);
  });

  it('D6: root fields and roles have histories of their own; spaces, aliases and literals do not start a new one', async () => {
    for (const query of ['query { shared { id } }', 'query  {  shared\n{ id } }', 'query { other: shared { id } }'])
      await observe(query.includes('other') ? 'other' : 'shared', numbers(0, 10), { query });
    await observe('shared', numbers(1, 10), { query: 'query { shared { id } }', role: 'support' });
    const shapes = (await baselinesOf('shared')).filter((row) => row['query_id'] !== null);
    expect(Object.fromEntries(shapes.map((row) => [row['scope'], row['record_count']]))).toEqual({
      sales: 30,
      support: 10,
    });
  });

  it('D7: a number that moves far from its history is a change of its distribution', async () => {
    const low = (n: number) => Array.from({ length: 20 }, (_, i) => ({ id: n * 20 + i, x: ((n * 20 + i) * 31) % 7 }));
    await teach('moving', low);
    await observe(
      'moving',
      low(50).map((row) => ({ ...row, x: row.x + 1_000 })),
    );
    const changes = (await findingsOf('moving')).filter((row) => row['kind'] === 'distribution_change');
    expect(changes.map((row) => row['reason']).join()).toMatch(/\bx\b.*1,00\d/);
  });

  it('D8: one huge value costs no more time and space than a small one', async () => {
    const small = (n: number) => numbers(n).map((row) => ({ ...row, x: row.id % 7 }));
    await teach('huge', small);
    const before = await cpuSecondsOf(service);
    await observe('huge', [...small(20).slice(0, 9), { ...number(1), x: 1e15 }, { ...number(2), x: 1e308 }]);
    expect((await cpuSecondsOf(service)) - before).toBeLessThan(2);
  });

  it('D9: true, null and a missing key are values of their own, and dates are known by their form', async () => {
    const mixed = (n: number) =>
      numbers(n).map((row, i) => ({
        ...row,
        paid: (n + i) % 3 !== 0,
        moment: new Date(Date.UTC(2026, 9, 1 + (n % 28), i)).toISOString(),
        ...(i % 2 === 0 ? { note: null } : {}),
      }));
    await teach('mixed', mixed);
    await observe('mixed', [...mixed(35).slice(0, 1), { ...mixed(35)[1], total: 98_400 }]);
    const found = (await findingsOf('mixed')).find((row) => String(row['reason']).includes('98,400'));
    expect(found).toBeDefined();
    const statistics = await ndcRows(service, 'field_statistics', [
      'analysis_id',
      'field_name',
      'field_type',
      'null_count',
      'missing_count',
    ]);
    const of = (field: string) =>
      statistics.find((row) => row['field_name'] === field && row['analysis_id'] === found?.['analysis_id']);
    expect(of('paid')?.['field_type']).toBe('boolean');
    expect(of('moment')?.['field_type']).toBe('timestamp');
    expect(of('note')).toMatchObject({ null_count: 1, missing_count: 1 });
  });

  it('D10: what is flagged is stored: analysis, record and fields say the same', async () => {
    const { data } = await graphql(
      service,
      '{ anomalyAnalyses(where: {dataset: {_eq: "planted"}}) { anomaliesDetected anomalousRecordsCount anomalyRecords { id anomalyFields { fieldName } } } }',
    );
    expect(data['anomalyAnalyses'].length).toBeGreaterThan(0);
    for (const analysis of data['anomalyAnalyses']) {
      expect(analysis['anomaliesDetected']).toBe(true);
      expect(analysis['anomalyRecords'].length).toBeGreaterThan(0);
    }
    expect(JSON.stringify(data)).toContain('"fieldName":"total"');
  });

  it('D11: a request costs the same whatever was learnt before', async () => {
    expect(await learnt('planted')).toBeGreaterThan(TAUGHT);
    const before = await cpuSecondsOf(service);
    for (let n = 0; n < 20; n++) await observe('planted', numbers(n, 10));
    // The original took 0.4 s a request at such a history and 8 s at twenty times it; the mark here is a millisecond.
    expect((await cpuSecondsOf(service)) - before).toBeLessThan(20 * 0.1);
  });

  it('D12: requests at the same moment lose no row and make no second history', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => observe('parallel', numbers(n, 10))));
    expect(await learnt('parallel')).toBe(200);
    expect((await baselinesOf('parallel')).filter((row) => row['query_id'] !== null)).toHaveLength(1);
  });

  it('D13: what is past its retention goes, with everything that hangs on it', async () => {
    await observe('outdated', numbers(0, 10), { headers: { 'x-event-time': '2021-01-04T12:00:00Z' } });
    expect(await baselinesOf('outdated')).toHaveLength(2);
    const report = await callProcedure(service, 'cleanup_data', {});
    expect(report).toMatchObject({ requests: 1, baselines: 2 });
    expect(await baselinesOf('outdated')).toEqual([]);
    expect(await learnt('first')).toBe(30);
  });

  it('D14: a text of any length is storable', async () => {
    await observe('long', [{ id: 1, note: 'x'.repeat(100_000) }], {
      query: `query ${'L'.repeat(300)} { long { id } }`,
    });
    expect(await learnt('long')).toBe(1);
  });

  it('D16: a stored model is data: version and checksum in, no code out', async () => {
    const columns = Object.keys((await ndcRows(service, 'trained_models', ['id', 'version', 'status']))[0] ?? {});
    expect(columns).toEqual(['id', 'version', 'status']);
    const source = readFileSync(new URL('../../core/detection/records/model/model-format.ts', import.meta.url), 'utf8');
    expect(source).not.toMatch(/\beval\b|new Function|\bimport\(/);
  });

  it('D20: nothing is read or deleted without a credential', async () => {
    const [query] = await ndcRows(service, 'query_patterns', ['query_id']);
    const route = `${service.apiUrl}/history/${encodeURIComponent(String(query?.['query_id']))}`;
    const wrong: Readonly<Record<string, string>>[] = [
      {},
      { 'hasura-m-auth': 'wrong' },
      { authorization: 'Bearer wrong' },
    ];
    for (const headers of wrong) {
      for (const method of ['GET', 'DELETE']) {
        const response = await fetch(route, { method, headers });
        expect([401, 403]).toContain(response.status);
      }
      const hook = await postJson(`${service.apiUrl}/hooks/pre-response`, preResponseBody(ordinaryOrders(0)), headers);
      expect(hook.status).toBe(400);
    }
  });

  it('D21: health answers while large responses are analysed', async () => {
    const large = Array.from({ length: 2_000 }, (_, k) => number(k));
    const work = Promise.all(Array.from({ length: 8 }, () => observe('large', large)));
    const started = performance.now();
    expect((await fetch(`${service.apiUrl}/health`)).ok).toBe(true);
    expect(performance.now() - started).toBeLessThan(2_000);
    await work;
  });

  it('D22: introspection under any name is not taken for rows, nor is __typename', async () => {
    const query = 'query Anything { __schema { types { name } } __typename }';
    const response = await postJson(
      `${service.apiUrl}/hooks/pre-response`,
      {
        session: { role: 'sales', variables: { 'x-hasura-role': 'sales' } },
        rawRequest: { query, variables: {}, operationName: 'Anything' },
        response: { data: { __schema: { types: [{ name: 'A' }, { name: 'B' }] }, __typename: 'Query' } },
      },
      AUTH,
    );
    expect(response.status).toBe(204);
    const datasets = (await ndcRows(service, 'historical_data', ['dataset'])).map((row) => String(row['dataset']));
    expect(datasets.filter((name) => name.startsWith('__'))).toEqual([]);
  });

  it('D23: an error names its cause and leaks no statement, path or stack', async () => {
    const bodies = [
      '{',
      '[]',
      '{"rawRequest":null}',
      JSON.stringify({
        rawRequest: { query: '{', variables: null, operationName: null },
        session: {},
        response: { data: {} },
      }),
    ];
    for (const body of bodies) {
      for (const route of ['/hooks/pre-response', '/anomalies', '/analyze/unknown']) {
        const text = await (
          await postJson(`${service.apiUrl}${route}`, body, { ...AUTH, 'x-hasura-role': 'sales' })
        ).text();
        expect(text).not.toMatch(/select |insert |\/work\/|node_modules|\.ts:\d|\n\s+at /i);
      }
    }
  });

  it('D24: queries are stored once per shape, and their patterns take part in the verdict', async () => {
    for (let n = 0; n < 3; n++) await observe('shaped', numbers(n, 10));
    const shapes = await ndcRows(service, 'query_patterns', ['query_id', 'query_text']);
    expect(shapes.filter((row) => String(row['query_text']).includes('shaped'))).toHaveLength(1);
    const probe = {
      query: 'query ($name: String) { shaped(where: {name: {_eq: $name}}) { id } }',
      variables: { name: "x' or '1'='1" },
    };
    await postJson(
      `${service.apiUrl}/hooks/pre-response`,
      {
        session: { role: 'sales', variables: { 'x-hasura-role': 'sales', 'x-hasura-user-id': '7' } },
        rawRequest: { ...probe, operationName: null },
        response: { data: { shaped: [] } },
      },
      AUTH,
    );
    const kinds = (await ndcRows(service, 'anomaly_records', ['kind'])).map((row) => row['kind']);
    expect(kinds).toContain('injection_probe');
  });
});
