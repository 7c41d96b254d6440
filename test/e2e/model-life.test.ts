import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '../../core/domain/time.ts';
import { CODECS } from '../../schema/store/codec.ts';
import { openDatabase } from '../../schema/store/database.ts';
import { modelsTrainedBy, type ServiceProcess, startService } from '../support/service-process.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase, type TestDialect } from '../support/stores.ts';
import { callProcedure, ndcRows, type Order, ordinaryOrders, postJson, until } from '../support/traffic.ts';

/**
 * What becomes of models, labels and records under suspicion, seen from outside. Each test has a dataset of its own, so
 * that one service serves all of them, and at the same time: most of it is waiting.
 */

/** Instances look at each other's work every five seconds; machines that run all tests at once are slow. */
const PATIENCE_S = 60;
/** All that is taught is in the first model, and the next one is due after a hundred records more: nothing changes between. */
const TAUGHT_PAGES = 40;
const START = Math.floor(Date.now() / DAY) * DAY - 5 * DAY;

const start = (database: TestDatabase): Promise<ServiceProcess> =>
  startService({
    environment: {
      DATABASE_URL: database.url,
      MINIMUM_TRAINING_RECORDS: String(10 * TAUGHT_PAGES),
      // A hundred records more or less must not decide whether a value never seen is flagged: at 400 it is 1 in 200.
      SENTINEL_ALPHA: '0.02',
      SENTINEL_EVENT_TIME_HEADER: 'x-event-time',
    },
  });

/** A page of orders that were seen before, the last of them with this total. */
const page = (total: number, n = 500) => [
  ...ordinaryOrders(3).slice(0, 9),
  { id: n, total, country: 'AT', paid: true },
];

/** A single record that is flagged: it is scored, and however often it is sent nothing is learnt. */
const oddRecord = (total: number) => page(total).slice(-1);

const pageOf = (n: number, change: (order: Order) => object) => ordinaryOrders(n).map(change);

/** One dataset as traffic and as its findings and models, all seen through one of the services that share a database. */
function createShop(world: World, dataset: string, service = world.service) {
  const equals = (column: string, value: string) => ({
    type: 'binary_comparison_operator',
    column: { type: 'column', name: column },
    operator: '_eq',
    value: { type: 'scalar', value },
  });
  const by = (column: string, order_direction: 'asc' | 'desc') => ({
    order_by: { elements: [{ order_direction, target: { type: 'column', name: column, path: [] } }] },
  });
  const ofDataset = { predicate: equals('dataset', dataset) };
  let sent = 0;

  async function observe(orders: readonly unknown[], headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const body = {
      session: { role: 'sales', variables: { 'x-hasura-role': 'sales', 'x-hasura-user-id': '7' } },
      rawRequest: { query: `query Orders { ${dataset}(limit: 10) { id total country paid } }`, variables: {} },
      response: { data: { [dataset]: orders } },
    };
    const at = { 'x-event-time': String(START + sent++ * SECOND) };
    const response = await postJson(`${service.apiUrl}/hooks/pre-response`, body, { ...at, ...headers });
    expect(response.status).toBe(204);
  }

  const baselines = () => ndcRows(service, 'historical_data', ['id', 'query_id', 'record_count'], ofDataset);

  async function shapeBaseline() {
    return (await baselines()).find((row) => row['query_id'] !== null);
  }

  async function modelsOf(baseline: unknown) {
    const predicate = equals('baseline_id', String(baseline));
    const columns = ['version', 'status', 'cause', 'created_at'];
    return ndcRows(service, 'trained_models', columns, { predicate, ...by('version', 'asc') });
  }

  /** Versions of the model of the query shape, in order. */
  const models = async () => modelsOf((await shapeBaseline())?.['id']);

  return {
    observe,
    onDay: (day: number) => ({ 'x-event-time': String(START + day * DAY + sent++ * MINUTE) }),
    /** Findings about the dataset, the newest first. */
    findings: () =>
      ndcRows(service, 'anomaly_records', ['id', 'kind', 'severity', 'score', 'reason'], {
        ...ofDataset,
        ...by('id', 'desc'),
      }),
    learnt: async () => Number((await shapeBaseline())?.['record_count']),
    baseline: async () => ({ baseline_id: (await shapeBaseline())?.['id'] }),
    models,
    activeVersion: async () => (await models()).find((row) => row['status'] === 'active')?.['version'] as number,
    /** Teaches what is usual, until both rungs have their model and the services score by them. */
    async teach(): Promise<void> {
      for (let n = 0; n < TAUGHT_PAGES; n++) await observe(ordinaryOrders(n));
      await until(async () => {
        const counts = await Promise.all((await baselines()).map(async (row) => (await modelsOf(row['id'])).length));
        if (counts.length < 2 || counts.includes(0)) return false;
        const stored = (await ndcRows(service, 'trained_models', ['id'])).length;
        const trained = await Promise.all(world.services.map(modelsTrainedBy));
        return stored === trained.reduce((sum, count) => sum + count, 0);
      }, PATIENCE_S);
    },
  };
}

/** Score of a record that every model raises, by the one that the shop's service uses now; null while it has none. */
async function scoreOfOdd({ observe, findings }: Shop): Promise<unknown> {
  const before = (await findings()).length;
  await observe(oddRecord(98_400));
  const found = await findings();
  return found.length > before ? found[0]?.['score'] : null;
}

/** A database with the services that share it: two, where that is possible. */
interface World {
  readonly database: TestDatabase;
  readonly services: readonly ServiceProcess[];
  /** The first of them. */
  readonly service: ServiceProcess;
}

const SHARED_DIALECTS = TEST_DIALECTS.filter((dialect) => dialect !== 'sqlite');
const worlds = new Map<TestDialect, World>();
const worldOf = (dialect: TestDialect): World => worlds.get(dialect) as World;

beforeAll(async () => {
  await Promise.all(
    TEST_DIALECTS.map(async (dialect) => {
      const database = await createTestDatabase(dialect, { migrated: dialect === 'sqlite' });
      const services = await Promise.all((dialect === 'sqlite' ? [1] : [1, 2]).map(() => start(database)));
      worlds.set(dialect, { database, services, service: services[0] as ServiceProcess });
    }),
  );
});

afterAll(async () => {
  await Promise.all(
    [...worlds.values()].map(async ({ database, services }) => {
      for (const service of services) {
        await service.end('SIGKILL');
        service.remove();
      }
      await database.drop();
    }),
  );
});

// Those that wait longest begin first.

it.concurrent.each(SHARED_DIALECTS)(
  'two instances on one %s train one model once, both use it, and follow each other’s rollbacks and labels',
  async (dialect) => {
    const world = worldOf(dialect);
    const [first, second] = world.services.map((service) => createShop(world, 'shared', service)) as [Shop, Shop];
    // Both see the traffic, so that both would train.
    for (let n = 0; n < TAUGHT_PAGES / 2; n++)
      await Promise.all([first.observe(ordinaryOrders(n)), second.observe(ordinaryOrders(n + TAUGHT_PAGES / 2))]);
    await first.teach();

    // One model: the same record has the same score whoever scored it.
    const agree = () =>
      until(async () => {
        const score = await scoreOfOdd(first);
        return score !== null && score === (await scoreOfOdd(second));
      }, PATIENCE_S);
    await agree();
    const models = await first.models();
    expect(models.map((row) => row['version'])).toEqual(models.map((_, i) => i + 1));
    expect(models.filter((row) => row['status'] === 'active')).toHaveLength(1);

    const changesWith = async (procedure: string) => {
      const before = await scoreOfOdd(first);
      await callProcedure(world.service, procedure, await first.baseline());
      await until(async () => (await scoreOfOdd(first)) !== before, PATIENCE_S);
    };
    await changesWith('retrain_model');
    await agree();
    await second.observe(oddRecord(9_840_000));
    const [found] = await second.findings();
    await changesWith('rollback_model');
    await callProcedure(world.service, 'label_anomaly', { id: found?.['id'], label: 'expected' });
    await agree();
    await until(async () => {
      const count = (await first.findings()).length;
      await second.observe(oddRecord(9_700_000));
      return (await first.findings()).length === count;
    }, PATIENCE_S);
  },
);

it.concurrent.each(SHARED_DIALECTS)(
  'two instances on one %s train what another one began and did not end, once its claim has run out',
  async (dialect) => {
    const world = worldOf(dialect);
    const { teach, observe, baseline, models } = createShop(world, 'orphaned', world.services[1]);
    await observe(ordinaryOrders(0));
    const connection = await openDatabase(world.database.location);
    const ends = Date.now() + 3 * SECOND;
    await connection.kysely
      .insertInto('training_claims')
      .values({
        baseline_id: String((await baseline()).baseline_id),
        holder: '01900000-0000-7000-8000-000000000001',
        expires_at: CODECS[dialect].instant(ends),
      })
      .execute();
    await connection.close();
    await teach();
    const [trained] = await models();
    expect(Date.parse(String(trained?.['created_at']))).toBeGreaterThanOrEqual(ends);
  },
);

it.concurrent.each(TEST_DIALECTS)(
  '%s: a label holds for repeats: expected is learnt and quiet, confirmed stays out and is raised again',
  async (dialect) => {
    const { service } = worldOf(dialect);
    const { teach, learnt, observe, findings } = createShop(worldOf(dialect), 'labelled');
    await teach();
    const before = await learnt();

    await observe(page(98_400));
    const [first, ...others] = await findings();
    expect([first?.['kind'], others.length]).toEqual(['unusual_value', 0]);
    // The nine ordinary records are learnt, the suspect one is set aside.
    expect(await learnt()).toBe(before + 9);

    await callProcedure(service, 'label_anomaly', { id: first?.['id'], label: 'expected' });
    expect(await learnt()).toBe(before + 10);
    // Safe to repeat.
    await callProcedure(service, 'label_anomaly', { id: first?.['id'], label: 'expected' });
    expect(await learnt()).toBe(before + 10);

    await observe(page(91_000, 501));
    expect(await findings()).toHaveLength(1);
    expect(await learnt()).toBe(before + 20);

    // Another magnitude is other news.
    await observe(page(9_840_000, 502));
    const [second] = await findings();
    expect(await findings()).toHaveLength(2);
    await callProcedure(service, 'label_anomaly', { id: second?.['id'], label: 'confirmed' });
    expect(await learnt()).toBe(before + 29);
    await observe(page(9_700_000, 503));
    expect(await findings()).toHaveLength(3);
  },
);

it.concurrent.each(TEST_DIALECTS)(
  '%s: whoever thinks again takes the record out of history, raises its repeats and has the model trained anew',
  async (dialect) => {
    const { service } = worldOf(dialect);
    const { teach, learnt, observe, findings, models } = createShop(worldOf(dialect), 'relabelled');
    await teach();
    const before = await learnt();
    await observe(page(98_400));
    const [found] = await findings();
    const label = (value: string) => callProcedure(service, 'label_anomaly', { id: found?.['id'], label: value });
    await label('expected');
    expect(await learnt()).toBe(before + 10);
    await label('confirmed');
    expect(await learnt()).toBe(before + 9);
    expect(await label('confirmed')).toMatchObject({ label: 'confirmed' });
    expect(await learnt()).toBe(before + 9);

    await observe(page(91_000, 501));
    expect(await findings()).toHaveLength(2);
    expect(await learnt()).toBe(before + 18);
    await until(async () => (await models()).at(-1)?.['cause'] === 'requested', PATIENCE_S);
  },
);

it.concurrent.each(TEST_DIALECTS)(
  '%s: a model is trained anew and rolled back on demand, with effect on the next scores',
  async (dialect) => {
    const { service } = worldOf(dialect);
    const shop = createShop(worldOf(dialect), 'rolled');
    const { teach, observe, learnt, models, activeVersion } = shop;
    await teach();
    const score = () => scoreOfOdd(shop);
    const baseline = await shop.baseline();
    const before = await score();
    await callProcedure(service, 'retrain_model', baseline);
    await observe(ordinaryOrders(3));
    await until(async () => (await activeVersion()) === 2, PATIENCE_S);
    // The row is stored a moment before the process holds the model.
    await until(async () => (await score()) !== before, PATIENCE_S);
    const learntByNow = await learnt();
    const active = await callProcedure(service, 'rollback_model', baseline);
    // What was learnt before the rollback is no reason to train at once, on what was rolled back from.
    expect(active).toMatchObject({ version: 1, status: 'active', learnt_count: learntByNow });
    expect((await models()).map((row) => row['status'])).toEqual(['active', 'rolled_back']);
    expect(await score()).toBe(before);
    const refused = await postJson(`${service.ndcUrl}/mutation`, {
      operations: [{ type: 'procedure', name: 'rollback_model', arguments: baseline }],
      collection_relationships: {},
    });
    expect(refused.status).toBe(422);
    expect(JSON.stringify(await refused.json())).toContain('no earlier version');
  },
);

it.concurrent.each(TEST_DIALECTS)('%s: a batch delivered twice is learnt once', async (dialect) => {
  const { service } = worldOf(dialect);
  const { observe, learnt } = createShop(worldOf(dialect), 'repeated');
  const traced = { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` };
  for (let delivery = 0; delivery < 3; delivery++) await observe(ordinaryOrders(1), traced);
  expect(await learnt()).toBe(10);
  const log = await ndcRows(service, 'request_log', ['trace_id']);
  expect(log.filter((row) => row['trace_id'] === 'c'.repeat(32))).toHaveLength(1);
});

it.concurrent.each(TEST_DIALECTS)(
  '%s: a column whose type changed leads to a new model, which says so',
  async (dialect) => {
    const { service } = worldOf(dialect);
    const { teach, observe, models, baseline, onDay, learnt } = createShop(worldOf(dialect), 'retyped');
    await teach();
    expect((await models())[0]?.['cause']).toBe('first');
    const inWords = (n: number) => pageOf(n, (order) => ({ ...order, total: 'on request' }));
    // One odd record changes nothing.
    await observe([...ordinaryOrders(3).slice(0, 9), ...inWords(90).slice(0, 1)]);
    // From a new model on, a hundred new records are a reason as well, of which the changed type is the better one.
    await callProcedure(service, 'retrain_model', await baseline());
    await observe(ordinaryOrders(3));
    const latest = async () => (await models()).at(-1);
    await until(async () => (await latest())?.['version'] === 2, PATIENCE_S);
    expect((await latest())?.['cause']).toBe('requested');

    // What was found on two days is set aside, and learnt from the third one on.
    const before = await learnt();
    for (const day of [0, 0, 1, 1]) await observe(inWords(100), onDay(day));
    expect(await learnt()).toBe(before);
    for (let n = 100; n < 109; n++) await observe(inWords(n), onDay(2));
    expect(await latest()).toMatchObject({ version: 2, cause: 'requested' });
    for (let n = 109; n < 112; n++) await observe(inWords(n), onDay(2));
    await until(async () => (await latest())?.['version'] === 3, PATIENCE_S);
    expect(await latest()).toMatchObject({ cause: 'changed_type', status: 'active' });
  },
);

it.concurrent.each(TEST_DIALECTS)(
  '%s: data that changed for good is raised, told as drift once, and learnt on the third day, not before',
  async (dialect) => {
    const { service } = worldOf(dialect);
    const { teach, observe, findings, learnt, activeVersion, onDay } = createShop(worldOf(dialect), 'dearer');
    await teach();
    const before = await learnt();
    const dearer = (n: number) => pageOf(n, (order) => ({ ...order, total: order.total * 1_000 }));
    await observe(dearer(100), onDay(0));
    expect((await findings())[0]).toMatchObject({ kind: 'distribution_change', severity: 'high' });
    for (let n = 101; n < 130; n++) await observe(dearer(n), onDay(0));
    await observe(dearer(130), onDay(1));
    expect([await learnt(), await activeVersion()]).toEqual([before, 1]);
    const drifts = (await findings()).filter((row) => row['kind'] === 'drift');
    expect(drifts).toMatchObject([
      { severity: expect.stringMatching(/medium|high/), reason: expect.stringContaining('above all total') },
    ]);
    expect(service.output()).toContain('the data drifts away from what was learnt');

    for (let n = 131; n < 151; n++) await observe(dearer(n), onDay(2));
    await until(async () => {
      const found = (await findings()).length;
      await observe(dearer(200), onDay(2));
      return (await findings()).length === found;
    }, PATIENCE_S);
    expect(await activeVersion()).toBeGreaterThan(1);
  },
);

type Shop = ReturnType<typeof createShop>;
