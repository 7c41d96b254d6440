import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../core/domain/analysis.ts';
import { ladderOf } from '../../../core/domain/baseline.ts';
import type { Effects } from '../../../core/domain/effects.ts';
import type { Finding } from '../../../core/domain/finding.ts';
import type { Observation } from '../../../core/domain/observation.ts';
import { SEVERITIES } from '../../../core/domain/severity.ts';
import { systemClock } from '../../../core/domain/time.ts';
import { featuresOf } from '../../../core/detection/records/features/record-features.ts';
import { createKeyedHash } from '../../../core/detection/records/features/keyed-hash.ts';
import { parseModel } from '../../../core/detection/records/model/model-format.ts';
import type { TrainedModel } from '../../../core/services/ports/models.ts';
import type { Transaction } from '../../../core/services/ports/store.ts';
import type { CollectionDef } from '../../../schema/catalogue.ts';
import { CATALOGUE } from '../../../schema/collections.ts';
import { createRule } from '../../../core/services/verbs/rule-changes.ts';
import { openReader } from '../../../schema/readers/open-reader.ts';
import { type Database, openDatabase } from '../../../schema/store/database.ts';
import { baselineId } from '../../../schema/store/effect-rows.ts';
import { createStore, type OpenStore } from '../../../schema/store/store.ts';
import { datasetOf, observationOf } from '../../support/observations.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../../support/stores.ts';

const hash = createKeyedHash('test');

describe.each(TEST_DIALECTS)('the store on %s', (dialect) => {
  let given: TestDatabase;
  let database: Database;
  let store: OpenStore;
  const culprits: unknown[] = [];

  beforeAll(async () => {
    given = await createTestDatabase(dialect);
    database = await openDatabase(given.location);
    store = createStore({
      database,
      clock: systemClock,
      minimumRecords: 100,
      maximumRecords: 1_000,
      onCulprit: (_effects, error) => culprits.push(error),
      onOutage: () => {},
    });
  });

  afterAll(async () => {
    await store.close();
    await given.drop();
  });

  const count = async (
    table: 'request_log' | 'anomaly_analyses' | 'anomaly_records' | 'anomaly_fields' | 'recommendations',
  ) => {
    const row = await database.kysely
      .selectFrom(table)
      .select((select) => select.fn.countAll().as('n'))
      .executeTakeFirstOrThrow();
    return Number(row.n);
  };

  it('has a schema that the entities agree with', async () => {
    expect(await database.pendingMigrations()).toEqual([]);
    expect(await database.drift()).toBe('');
  });

  it('applies an observation once, whatever the number of deliveries', async () => {
    const effects = effectsOf(observationOf({ deliveryKey: 'delivery-1' }), [finding()]);
    const again = effectsOf(observationOf({ deliveryKey: 'delivery-1' }), [finding()]);
    expect(await store.writer.submit(effects)).toBe('committed');
    expect(await store.writer.submit(again)).toBe('duplicate');
    expect([await count('request_log'), await count('anomaly_analyses'), await count('anomaly_records')]).toEqual([
      1, 1, 1,
    ]);
    expect([await count('anomaly_fields'), await count('recommendations')]).toEqual([1, 1]);
  });

  it('keeps with each finding and each day the number that its severity is sorted by', async () => {
    const found = SEVERITIES.map((severity) => ({ ...finding(), severity }));
    const effects = effectsOf(observationOf({ at: Date.UTC(2020, 1, 1) }), found);
    await store.writer.submit(effects);
    const rows = await store.transaction((tx) => tx.anomalies.rowsOf(effects.observation.id));
    const ranks = [1, 2, 3, 4].map((rank, i) => [SEVERITIES[i], rank]);
    expect(rows.map((row) => [row['severity'], row['severity_rank']])).toEqual(ranks);
    const reader = await openReader(given.location);
    const { backing } = CATALOGUE.collections.get('anomaly_daily') as CollectionDef;
    const daily = backing.type === 'select' ? backing.sql[dialect] : '';
    const days = { sql: `select severity, severity_rank from (${daily}) d where day = '2020-02-01'`, parameters: [] };
    expect((await reader.execute(days)).toSorted((a, b) => Number(a[1]) - Number(b[1]))).toEqual(ranks);
    await reader.close();
  });

  it('gives what only reads the same as a transaction, from one snapshot, and lets it write nothing', async () => {
    await store.writer.submit(effectsOf(observationOf({}), [finding()]));
    const heartbeat = {
      name: 'reading',
      environment: 'test',
      state: 'current',
      unsupported: ['a.b'],
      erroring: ['a.c'],
    } as const;
    await store.instances.beat({
      ...heartbeat,
      id: '01900000-0000-7000-8000-0000000000aa',
      startedAt: 1_000,
      heartbeatAt: 1_767_225_600_123,
      appliedRevision: 0,
      appliedAt: 1_000,
      selfTest: { at: 2_000, ok: true },
    });
    const { id } = await database.kysely.selectFrom('anomaly_records').select('id').executeTakeFirstOrThrow();
    const actor = { name: 'ann', role: 'admin', surface: 'rest' } as const;
    const rule = await store.transaction((tx) =>
      createRule({ key: 'read', condition: 'role == "a"', reason: null }, { actor, tx }, 1_000),
    );
    const read = async ({ anomalies, evidence, instances, rules }: Transaction) => ({
      row: await anomalies.row(id),
      fields: await anomalies.fieldRows(id),
      facts: await evidence.facts(0, 10, null),
      matches: await evidence.matchesOf('ddn.x', 0),
      findings: await evidence.findings([], 0),
      alive: await instances.alive(0),
      changedAt: await instances.changedAt(1),
      rules: [await rules.byId(rule.id), await rules.byKey('ddn', 'read')],
    });
    const reader = await openReader(given.location);
    try {
      const written = await store.transaction(read);
      expect(written).toMatchObject({ row: { id }, fields: [{ rank: 1 }], alive: [heartbeat], rules: [rule, rule] });
      expect(written.facts.length).toBeGreaterThan(0);
      expect(await reader.snapshot((_execute, rows) => read(store.reading(rows)))).toEqual(written);
      const writing = reader.snapshot((_execute, rows) => store.reading(rows).rules.nextRevision());
      await expect(writing).rejects.toThrow();
    } finally {
      await reader.close();
    }
  });

  it('applies one delivery once even when both arrive in one batch', async () => {
    const before = await count('request_log');
    const outcomes = await Promise.all(
      ['a', 'a', 'b'].map((key) => store.writer.submit(effectsOf(observationOf({ deliveryKey: `batch-${key}` }), []))),
    );
    expect(outcomes.toSorted()).toEqual(['committed', 'committed', 'duplicate']);
    expect(await count('request_log')).toBe(before + 2);
  });

  it('reports what is seen for the first time once, however many saw it at the same moment', async () => {
    const before = await count('anomaly_records');
    const firstSeen = { kind: 'shape', scope: 'graphql/support', value: 'graphql:1:abc' };
    await Promise.all(
      Array.from({ length: 5 }, () =>
        store.writer.submit(effectsOf(observationOf({}), [{ ...finding(), kind: 'new_shape', firstSeen }])),
      ),
    );
    expect(await count('anomaly_records')).toBe(before + 1);
  });

  it('sets aside only the observation that the database refuses', async () => {
    const before = await count('request_log');
    const poison = effectsOf(observationOf({ deliveryKey: 'x'.repeat(10) }), []);
    // A null byte is text for SQLite and refused by PostgreSQL; a missing required value is refused by both.
    const broken = { ...poison, verdict: null as unknown as Effects['verdict'] };
    const outcomes = await Promise.all([
      store.writer.submit(effectsOf(observationOf({}), [])),
      store.writer.submit(broken),
      store.writer.submit(effectsOf(observationOf({}), [])),
    ]);
    expect(outcomes).toEqual(['committed', 'dropped', 'committed']);
    expect(await count('request_log')).toBe(before + 2);
    expect(culprits).toHaveLength(1);
  });

  it('keeps what was learnt and trains a model on it in another thread', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ total: 100 + (i % 37), country: ['AT', 'CH', 'DE'][i % 3] }));
    const observation = observationOf({ datasets: [datasetOf('invoices', rows)] });
    await store.writer.submit(effectsOf(observation, []));
    const { shape, dataset } = ladderOf(observation, 'invoices');
    expect(await store.history.stateOf(shape)).toEqual({ recordCount: 300, latestVersion: 0, model: null });

    const trained = await store.models.train(dataset, 1, 'first');
    expect(trained).toMatchObject({ version: 1, learntCount: 300, cut: Infinity });
    expect(parseModel((trained as TrainedModel).model).trainedOn.records).toBe(300);
    expect((await store.history.stateOf(dataset))?.model?.version).toBe(1);

    expect(await store.models.train(dataset, 2, 'changed_type')).toMatchObject({ version: 2 });
    const statuses = await database.kysely
      .selectFrom('trained_models')
      .select(['version', 'status', 'cause'])
      .orderBy('version')
      .execute();
    expect(statuses).toEqual([
      { version: 1, status: 'superseded', cause: 'first' },
      { version: 2, status: 'active', cause: 'changed_type' },
    ]);
  });

  it('gives a damaged model as it is, for the reader to refuse', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => ({ total: i }));
    const observation = observationOf({ role: 'damaged', datasets: [datasetOf('orders', rows)] });
    await store.writer.submit(effectsOf(observation, []));
    const { shape } = ladderOf(observation, 'orders');
    await store.models.train(shape, 1, 'first');
    await database.kysely
      .updateTable('trained_models')
      .set({ model: Buffer.from([0x1f, 0x8b]) })
      .where('baseline_id', '=', baselineId(shape))
      .execute();
    const model = (await store.history.stateOf(shape))?.model;
    expect(() => parseModel(model!.model)).toThrow('does not begin with a line of JSON');
  });

  it('lets one of two instances train a version', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => ({ total: i }));
    const observation = observationOf({ role: 'sales', datasets: [datasetOf('orders', rows)] });
    await store.writer.submit(effectsOf(observation, []));
    const { shape } = ladderOf(observation, 'orders');
    const both = await Promise.all([store.models.train(shape, 1, 'first'), store.models.train(shape, 1, 'first')]);
    expect(both.filter((trained) => typeof trained === 'object')).toHaveLength(1);
    expect(await store.models.train(shape, 1, 'first')).toBeUndefined();
    expect((await store.history.stateOf(shape))?.latestVersion).toBe(1);
  });

  it('adds to the tally', async () => {
    const row = {
      minute: 60_000,
      source: 'graphql',
      role: 'support',
      queryId: 'q',
      ruleKey: '',
      requests: 2,
      records: 20,
      anomalies: 1,
      errors: 0,
      evaluated: 0,
      enforced: 0,
      wouldEnforce: 0,
    };
    await store.tally.add([row]);
    await store.tally.add([row]);
    const stored = await database.kysely
      .selectFrom('traffic_metrics')
      .select(['requests', 'records', 'anomalies'])
      .where('query_id', '=', 'q')
      .execute();
    expect(stored).toEqual([{ requests: 4, records: 40, anomalies: 2 }]);
  });

  it('gives every instance the same shared secret', async () => {
    const [first, second] = await Promise.all([store.sharedSecret('history-key'), store.sharedSecret('history-key')]);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
  });

  it('rebuilds the log with shapes and flags, oldest first', async () => {
    const recent = await store.log.recent(100);
    expect(recent.length).toBeGreaterThan(3);
    expect(recent.some((request) => request.flagged?.includes('unusual_value'))).toBe(true);
    expect(recent.every((request, i) => i === 0 || (recent[i - 1] as { at: number }).at <= request.at)).toBe(true);
  });
});

function finding(): Finding {
  return {
    kind: 'unusual_value',
    subject: { kind: 'record', dataset: 'invoices', index: 3 },
    severity: 'medium',
    p: 0.0004,
    score: 0.8,
    reason: 'total 98,400, usually 12–940',
    fields: [
      {
        path: 'total',
        value: '98,400',
        contribution: 0.9,
        tailProbability: 0.0004,
        usual: { low: 12, median: 100, high: 940 },
        text: 'total 98,400, usually 12–940',
      },
    ],
  };
}

function effectsOf(observation: Observation, findings: readonly Finding[]): Effects {
  const analysis: Analysis = {
    observation,
    anomalous: findings.length > 0,
    datasets: [],
    queryFindings: findings,
    recommendations: findings.length > 0 ? ['Check the flagged records at their source.'] : [],
  };
  const lessons = observation.datasets.map((dataset) => {
    const batch = featuresOf(dataset, observation.at, hash);
    return {
      ladder: ladderOf(observation, dataset.name),
      columns: batch.columns.map((column) => column.path),
      records: Array.from({ length: dataset.recordCount }, (_, row) => ({
        priority: row / 1_000,
        features: batch.columns.map((column) => column.features[row]),
      })),
      quarantined: [],
      learntCount: dataset.recordCount,
    };
  });
  return { observation, hook: 'pre-response', verdict: 'allowed', ruleKey: null, analysis, lessons };
}
