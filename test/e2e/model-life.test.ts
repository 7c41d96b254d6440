import { afterEach, describe, expect, it } from 'vitest';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase, type TestDialect } from '../support/stores.ts';
import {
  callProcedure,
  ndcRows,
  ordinaryOrders,
  postJson,
  preResponseBody,
  teachOrders,
  until,
} from '../support/traffic.ts';

/** What becomes of models, labels and records under suspicion, seen from outside. */

/** Instances look at each other's work every ten seconds; machines that run all tests at once are slow. */
const PATIENCE_S = 60;

const services: ServiceProcess[] = [];
const databases: TestDatabase[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) {
    await service.end('SIGKILL');
    service.remove();
  }
  for (const database of databases.splice(0)) await database.drop();
});

async function databaseOn(dialect: TestDialect, { migrated = true } = {}): Promise<TestDatabase> {
  const database = await createTestDatabase(dialect, { migrated });
  databases.push(database);
  return database;
}

async function start(database: TestDatabase): Promise<ServiceProcess> {
  const service = await startService({ environment: { DATABASE_URL: database.url } });
  services.push(service);
  return service;
}

/** A page of orders that were seen before, the last of them with this total. */
const page = (total: number, n = 500) => [
  ...ordinaryOrders(3).slice(0, 9),
  { id: n, total, country: 'AT', paid: true },
];

async function observe(
  service: ServiceProcess,
  orders: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await postJson(`${service.apiUrl}/hooks/pre-response`, preResponseBody(orders), headers);
  expect(response.status).toBe(204);
}

const NEWEST = {
  order_by: { elements: [{ order_direction: 'desc', target: { type: 'column', name: 'id', path: [] } }] },
};

/** Findings about orders, the newest first. */
async function findings(service: ServiceProcess) {
  const rows = await ndcRows(service, 'anomaly_records', ['id', 'dataset', 'kind', 'score', 'reason'], NEWEST);
  return rows.filter((row) => row['dataset'] === 'orders');
}

async function shapeBaseline(service: ServiceProcess) {
  const rows = await ndcRows(service, 'historical_data', ['id', 'query_id', 'record_count']);
  return rows.find((row) => row['query_id'] !== null);
}

const learnt = async (service: ServiceProcess): Promise<number> =>
  Number((await shapeBaseline(service))?.['record_count']);

/** Versions of the model of the query shape, in order. */
async function models(service: ServiceProcess) {
  const baseline = await shapeBaseline(service);
  const rows = await ndcRows(service, 'trained_models', ['baseline_id', 'version', 'status', 'cause'], {
    order_by: { elements: [{ order_direction: 'asc', target: { type: 'column', name: 'version', path: [] } }] },
  });
  return rows.filter((row) => row['baseline_id'] === baseline?.['id']);
}

const activeVersion = async (service: ServiceProcess) =>
  (await models(service)).find((row) => row['status'] === 'active')?.['version'] as number;

/** Teaches, and waits until training has come to rest. */
async function teach(service: ServiceProcess): Promise<void> {
  await teachOrders(service);
  let before = -1;
  await until(async () => {
    const count = (await ndcRows(service, 'trained_models', ['id'])).length;
    const rests = count === before && (await models(service)).length > 0;
    before = count;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return rests;
  }, PATIENCE_S);
}

describe.each(TEST_DIALECTS)('on %s', (dialect) => {
  it('a label holds for repeats: expected is learnt and quiet, confirmed stays out and is raised again', async () => {
    const service = await start(await databaseOn(dialect));
    await teach(service);
    const before = await learnt(service);

    await observe(service, page(98_400));
    const [first, ...others] = await findings(service);
    expect([first?.['kind'], others.length]).toEqual(['unusual_value', 0]);
    // The nine ordinary records are learnt, the suspect one is set aside.
    expect(await learnt(service)).toBe(before + 9);

    await callProcedure(service, 'label_anomaly', { id: first?.['id'], label: 'expected' });
    expect(await learnt(service)).toBe(before + 10);
    // Safe to repeat.
    await callProcedure(service, 'label_anomaly', { id: first?.['id'], label: 'expected' });
    expect(await learnt(service)).toBe(before + 10);

    await observe(service, page(91_000, 501));
    expect(await findings(service)).toHaveLength(1);
    expect(await learnt(service)).toBe(before + 20);

    // Another magnitude is other news.
    await observe(service, page(9_840_000, 502));
    const [second] = await findings(service);
    expect(await findings(service)).toHaveLength(2);
    await callProcedure(service, 'label_anomaly', { id: second?.['id'], label: 'confirmed' });
    expect(await learnt(service)).toBe(before + 29);
    await observe(service, page(9_700_000, 503));
    expect(await findings(service)).toHaveLength(3);
  });

  it('a model is trained anew and rolled back on demand, with effect on the next scores', async () => {
    const service = await start(await databaseOn(dialect));
    await teach(service);
    const scoreOf = async (n: number) => {
      await observe(service, page(98_400, n));
      return (await findings(service))[0]?.['score'];
    };
    const first = await activeVersion(service);
    const baseline = { baseline_id: (await shapeBaseline(service))?.['id'] };
    const before = await scoreOf(500);
    await callProcedure(service, 'retrain_model', baseline);
    await observe(service, ordinaryOrders(3));
    await until(async () => (await activeVersion(service)) === first + 1, PATIENCE_S);
    // The row is stored a moment before the process holds the model.
    await until(async () => (await scoreOf(502)) !== before, PATIENCE_S);
    const learntByNow = await learnt(service);
    const active = await callProcedure(service, 'rollback_model', baseline);
    // What was learnt before the rollback is no reason to train at once, on what was rolled back from.
    expect(active).toMatchObject({ version: first, status: 'active', learnt_count: learntByNow });
    expect((await models(service)).slice(-2).map((row) => row['status'])).toEqual(['active', 'rolled_back']);
    expect(await scoreOf(500)).toBe(before);
    for (let version = first; version > 1; version--) await callProcedure(service, 'rollback_model', baseline);
    const refused = await postJson(`${service.ndcUrl}/mutation`, {
      operations: [{ type: 'procedure', name: 'rollback_model', arguments: baseline }],
      collection_relationships: {},
    });
    expect(refused.status).toBe(422);
    expect(JSON.stringify(await refused.json())).toContain('no earlier version');
  });

  it('a batch delivered twice is learnt once', async () => {
    const service = await start(await databaseOn(dialect));
    const traced = { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` };
    for (let delivery = 0; delivery < 3; delivery++) await observe(service, ordinaryOrders(1), traced);
    expect(await learnt(service)).toBe(10);
    expect(await ndcRows(service, 'request_log', ['id'])).toHaveLength(1);
  });

  it('a column whose type changed leads to a new model, which says so', async () => {
    const service = await start(await databaseOn(dialect));
    await teach(service);
    expect((await models(service))[0]?.['cause']).toBe('first');
    const inWords = (n: number) => ordinaryOrders(n).map((order) => ({ ...order, total: 'on request' }));
    // One odd record changes nothing.
    await observe(service, [...ordinaryOrders(3).slice(0, 9), ...inWords(90).slice(0, 1)]);
    // From a new model on, a hundred new records are a reason as well, of which the changed type is the better one.
    const latest = async () => (await models(service)).at(-1);
    const first = (await latest())?.['version'] as number;
    await callProcedure(service, 'retrain_model', { baseline_id: (await shapeBaseline(service))?.['id'] });
    await observe(service, ordinaryOrders(3));
    await until(async () => (await latest())?.['version'] === first + 1, PATIENCE_S);
    expect((await latest())?.['cause']).toBe('requested');

    for (let n = 100; n < 109; n++) await observe(service, inWords(n));
    expect((await latest())?.['version']).toBe(first + 1);
    for (let n = 109; n < 112; n++) await observe(service, inWords(n));
    await until(async () => (await latest())?.['version'] === first + 2, PATIENCE_S);
    expect(await latest()).toMatchObject({ cause: 'changed_type', status: 'active' });
  });

  it('data that changed for good is raised first and learnt, not alarmed about for ever', async () => {
    const service = await start(await databaseOn(dialect));
    await teach(service);
    const dearer = (n: number) => ordinaryOrders(n).map((order) => ({ ...order, total: order.total * 1_000 }));
    await observe(service, dearer(100));
    expect((await findings(service))[0]?.['kind']).toBe('distribution_change');
    for (let n = 101; n < 160; n++) await observe(service, dearer(n));
    await until(async () => {
      const before = (await findings(service)).length;
      await observe(service, dearer(200));
      return (await findings(service)).length === before;
    }, PATIENCE_S);
    expect(await activeVersion(service)).toBeGreaterThan(1);
  });
});

describe.each(TEST_DIALECTS.filter((dialect) => dialect !== 'sqlite'))('two instances on one %s', (dialect) => {
  it('start together, train one model once, both use it, and follow each other’s rollbacks and labels', async () => {
    const database = await databaseOn(dialect, { migrated: false });
    const [first, second] = await Promise.all([start(database), start(database)]);
    for (let n = 0; n < 20; n++)
      await Promise.all([observe(first, ordinaryOrders(n)), observe(second, ordinaryOrders(20 + n))]);
    await teach(first);

    // One model: the same record has the same score whoever scored it.
    const scoreBy = async (service: ServiceProcess) => {
      await observe(service, page(98_400));
      return (await findings(service))[0]?.['score'];
    };
    await until(async () => (await scoreBy(first)) === (await scoreBy(second)), PATIENCE_S);
    const versions = (await models(first)).map((row) => row['version']);
    expect(versions).toEqual(versions.map((_, i) => i + 1));
    expect((await models(first)).filter((row) => row['status'] === 'active')).toHaveLength(1);

    const baseline = { baseline_id: (await shapeBaseline(first))?.['id'] };
    if (versions.length > 1) {
      await callProcedure(first, 'rollback_model', baseline);
      await until(async () => (await scoreBy(first)) === (await scoreBy(second)), PATIENCE_S);
    }

    const [found] = await findings(first);
    await callProcedure(first, 'label_anomaly', { id: found?.['id'], label: 'expected' });
    await until(async () => {
      const before = (await findings(first)).length;
      await observe(second, page(97_000));
      return (await findings(first)).length === before;
    }, PATIENCE_S);
  });
});
