import { beforeEach, describe, expect, it } from 'vitest';
import { createPatternDetector } from '../../../core/detection/patterns/pattern-detector.ts';
import { createProfiles } from '../../../core/detection/patterns/profiles.ts';
import { createKeyedHash } from '../../../core/detection/records/features/keyed-hash.ts';
import { serialiseModel } from '../../../core/detection/records/model/model-format.ts';
import { trainRecordModel } from '../../../core/detection/records/model/record-model.ts';
import { finish } from '../../../core/domain/steps.ts';
import type { FeatureRow } from '../../../core/detection/records/features/record-features.ts';
import { ladderOf } from '../../../core/domain/baseline.ts';
import type { Finding } from '../../../core/domain/finding.ts';
import { DAY, HOUR } from '../../../core/domain/time.ts';
import type { Effects, LessonRecord, WriteOutcome } from '../../../core/domain/effects.ts';
import { createBaselineRegistry } from '../../../core/services/baseline-registry.ts';
import { createObserveService, type ObserveService } from '../../../core/services/observe-service.ts';
import { createRecurrence } from '../../../core/services/recurrence.ts';
import { createTally } from '../../../core/services/tally.ts';
import type { TallyRow } from '../../../core/services/ports/tally.ts';
import { datasetOf, observationOf } from '../../support/observations.ts';

/** The store in memory: what was taught can be trained on, as the real one does it in a thread. */
function createWorld() {
  const submitted: Effects[] = [];
  const state: { outcome: WriteOutcome } = { outcome: 'committed' };
  const tallied: TallyRow[] = [];
  const windowOf = (key: string) =>
    submitted.flatMap(({ observation, lessons }) =>
      lessons
        .filter(({ ladder }) => ladder.shape.key === key || ladder.dataset.key === key)
        .flatMap(({ columns, records }) =>
          records.map((record, i) => ({
            key: `${observation.id}/${i}`,
            at: observation.at,
            features: featuresOf(columns, record),
          })),
        ),
    );
  const registry = createBaselineRegistry({
    history: { stateOf: async () => undefined, standings: async () => new Map() },
    models: {
      async train(baseline, version) {
        const window = windowOf(baseline.key);
        const model = finish(trainRecordModel(window, { baselineKey: baseline.key, version, trainedAt: 0 }));
        return model ? { version, learntCount: window.length, model: serialiseModel(model), cut: Infinity } : undefined;
      },
    },
    minimumRecords: 100,
    alpha: 0.005,
    onFault: (what, error) => {
      throw new Error(what, { cause: error });
    },
  });
  const expected = new Set<string>();
  const confirmed = new Set<string>();
  const drifts: Finding[] = [];
  const turns = createTurns();
  const tally = createTally(
    { add: async (rows) => void tallied.push(...rows), isRefusal: () => false },
    (_row, error) => {
      throw error;
    },
  );
  const service = createObserveService({
    registry,
    writer: {
      async submit(effects) {
        submitted.push(effects);
        return state.outcome;
      },
    },
    patterns: createPatternDetector({ learningMs: 0 }),
    profiles: createProfiles(),
    tally,
    expected: { has: (pattern) => expected.has(pattern), isConfirmed: (pattern) => confirmed.has(pattern) },
    recurrence: createRecurrence({ spansOf: async () => new Map() }),
    onDrift: (_baseline, finding) => drifts.push(finding),
    hash: createKeyedHash('test'),
    dataAlpha: 0.005,
    keepRaw: false,
    pause: () => turns.pause(),
  });
  return { service, registry, turns, submitted, state, tally, tallied, expected, confirmed, drifts };
}

/** CPU time of this thread between two pauses. */
function createTurns() {
  const cpuMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  let startedAt = cpuMs();
  let longest = 0;
  const end = () => (longest = Math.max(longest, cpuMs() - startedAt));
  return {
    async pause(): Promise<void> {
      end();
      await new Promise((resolve) => setImmediate(resolve));
      startedAt = cpuMs();
    },
    /** The longest turn of some work, in milliseconds. */
    async longestOf(work: () => Promise<unknown>): Promise<number> {
      startedAt = cpuMs();
      longest = 0;
      await work();
      return end();
    },
  };
}

const featuresOf = (columns: readonly string[], record: LessonRecord): FeatureRow =>
  Object.fromEntries(columns.map((column, i) => [column, record.features[i]])) as FeatureRow;

const COUNTRIES = ['AT', 'CH', 'DE', 'FR'];
const row = (k: number) => ({
  total: 20 + ((k * 7_919) % 1_000) / 10,
  items: 1 + ((k * 31) % 5),
  country: COUNTRIES[(k * 13) % 4],
});
const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => row(from + i));
const orders = (data: readonly Record<string, unknown>[], extra = {}) =>
  observationOf({ datasets: [datasetOf('orders', data)], ...extra });

let world: ReturnType<typeof createWorld>;
let service: ObserveService;

beforeEach(() => {
  world = createWorld();
  ({ service } = world);
});

async function teach(requests: number): Promise<void> {
  for (let n = 0; n < requests; n++) await service.observe(orders(rows(n * 10, 10)), 'pre-response');
  await world.registry.settled();
}

describe('observing within a transaction', () => {
  /** One that is committed by hand. */
  const open = () => {
    const after: (() => void | Promise<void>)[] = [];
    const applied: Effects[] = [];
    const submit = async (effects: Effects): Promise<WriteOutcome> => {
      applied.push(effects);
      return 'committed';
    };
    return {
      applied,
      commit: () => after.forEach((action) => void action()),
      history: { stateOf: async () => undefined, standings: async () => new Map() },
      effects: { submit },
      recurrence: { spansOf: async () => new Map() },
      afterCommit: (action: () => void | Promise<void>) => void after.push(action),
    };
  };

  it('writes there and not through the writer, and learns in memory once it is committed', async () => {
    const tx = open();
    const observed = await service.observe(orders(rows(0, 10)), 'rest', { queryPatterns: false, within: tx });
    expect(observed.stored).toBe('committed');
    expect(tx.applied).toHaveLength(1);
    expect(world.submitted).toEqual([]);
    await world.tally.flush();
    expect(world.tallied).toEqual([]);
    tx.commit();
    await world.tally.flush();
    expect(world.tallied).toMatchObject([{ requests: 1, records: 10 }]);
  });

  it('waits for no history that is being read outside of it', async () => {
    const baselines = createBaselineRegistry({
      // The connection it waits for is the one of the transaction.
      history: { stateOf: () => new Promise(() => {}), standings: async () => new Map() },
      models: { train: async () => undefined },
      minimumRecords: 100,
      alpha: 0.005,
      onFault: () => {},
    });
    const baseline = ladderOf(orders([]), 'orders').dataset;
    void baselines.entryOf(baseline);
    const stored = { recordCount: 7, latestVersion: 0, model: null };
    expect((await baselines.entryOf(baseline, { stateOf: async () => stored })).recordCount).toBe(7);
  });
});

describe('observing', () => {
  it('keeps every record of the first request (defect D1 of the original)', async () => {
    await service.observe(orders(rows(0, 30)), 'pre-response');
    expect(world.submitted[0]?.lessons[0]).toMatchObject({ learntCount: 30 });
    expect(world.submitted[0]?.lessons[0]?.records).toHaveLength(30);
  });

  it('gives no verdict while it learns', async () => {
    const { analysis } = await service.observe(orders([{ ...row(0), total: 1e9 }]), 'pre-response');
    expect(analysis).toMatchObject({ anomalous: false, datasets: [{ baseline: { rung: 'none' }, pValues: null }] });
  });

  it('flags a wrong value, says why, and does not learn from it (D2, D3)', async () => {
    await teach(30);
    const { analysis } = await service.observe(
      orders([...rows(5_000, 9), { ...row(1), total: 98_400 }]),
      'pre-response',
    );
    expect(analysis.datasets[0]).toMatchObject({ flagged: [9], baseline: { rung: 'shape' } });
    expect(analysis.datasets[0]?.findings[0]).toMatchObject({ kind: 'unusual_value' });
    expect(analysis.datasets[0]?.findings[0]?.fields[0]).toMatchObject({ path: 'total' });
    const lesson = world.submitted.at(-1)?.lessons[0];
    expect([lesson?.records.length, lesson?.quarantined.length, lesson?.learntCount]).toEqual([9, 1, 9]);
  });

  it('raises few clean requests, however many records they hold (D3)', async () => {
    await teach(100);
    let raised = 0;
    for (let n = 0; n < 60; n++)
      raised += (await service.observe(orders(rows(20_000 + n * 200, 200)), 'pre-response')).analysis.datasets[0]
        ?.flagged.length
        ? 1
        : 0;
    expect(raised).toBeLessThanOrEqual(2);
  });

  it('judges a query shape never seen before by what is known of its dataset', async () => {
    await teach(30);
    // The dataset's own baseline trains with the first request that has to ask it.
    const other = { shape: { ...observationOf({}).shape, id: 'graphql:1:other' as const } };
    await service.observe(orders(rows(0, 10), other), 'pre-response');
    await world.registry.settled();
    const third = { shape: { ...observationOf({}).shape, id: 'graphql:1:third' as const } };
    const { analysis } = await service.observe(
      orders([...rows(0, 9), { ...row(1), total: 98_400 }], third),
      'pre-response',
    );
    expect(analysis.datasets[0]).toMatchObject({ baseline: { rung: 'dataset' }, flagged: [9] });
  });

  it('neither judges nor learns a column by values that the request itself asks for', async () => {
    await teach(100);
    const abroad = rows(9_000, 30).map((order) => ({ ...order, country: 'XX' }));
    const asked = { arguments: [{ path: 'orders.where.country._eq', value: 'XX' }] };
    const unasked = await service.observe(orders(abroad), 'pre-response');
    expect(unasked.analysis.datasets[0]?.findings.map(({ kind }) => kind)).toContain('distribution_change');
    expect((await service.observe(orders(abroad, asked), 'pre-response')).analysis.datasets[0]?.findings).toEqual([]);
    const wrong = [...abroad.slice(1), { ...row(1), country: 'XX', total: 98_400 }];
    const { analysis } = await service.observe(orders(wrong, asked), 'pre-response');
    expect(analysis.datasets[0]).toMatchObject({ flagged: [29], findings: [{ fields: [{ path: 'total' }] }] });
    expect(world.submitted.at(-1)?.lessons[0]?.columns).toEqual(['total', 'items']);
  });

  it('takes a record of which only what was asked for is known as one of no columns', async () => {
    const asked = { arguments: [{ path: 'orderById.id', value: 7 }] };
    const byId = observationOf({ datasets: [datasetOf('orderById', [{ id: 7 }])], ...asked });
    expect((await service.observe(byId, 'pre-response')).analysis.anomalous).toBe(false);
    expect(world.submitted.at(-1)?.lessons[0]).toMatchObject({ columns: [], learntCount: 1 });
  });

  it('says which values are usual where a category is not (text dictionary)', async () => {
    await teach(100);
    const { analysis } = await service.observe(orders([{ ...row(1), country: 'XX' }]), 'pre-response');
    expect(analysis.datasets[0]?.findings[0]?.reason).toMatch(
      /^country "XX": never seen in \d+ records, usually "(?:AT|CH|DE|FR)" \(2\d %\), /,
    );
  });

  it('is quiet about what was labelled expected and learns it, and raises a value of another magnitude', async () => {
    await teach(30);
    const wrong = (total: number) => orders([...rows(5_000, 9), { ...row(1), total }]);
    const first = await service.observe(wrong(98_400), 'pre-response');
    world.expected.add(first.analysis.datasets[0]?.findings[0]?.pattern as string);
    const again = await service.observe(wrong(91_000), 'pre-response');
    expect(again.analysis).toMatchObject({ anomalous: false, datasets: [{ flagged: [], findings: [] }] });
    expect(world.submitted.at(-1)?.lessons[0]).toMatchObject({ learntCount: 10, quarantined: [] });
    const larger = await service.observe(wrong(9_840_000), 'pre-response');
    expect(larger.analysis.datasets[0]?.flagged).toEqual([9]);
  });

  it('lowers findings about a caller or query that were labelled expected, and lets them teach', async () => {
    await teach(60);
    const probe = () =>
      orders(rows(0, 10), { arguments: [{ path: 'orders.where', value: "x' or '1'='1" }], deliveryKey: undefined });
    const first = await service.observe(probe(), 'pre-response');
    expect(first.analysis.queryFindings[0]).toMatchObject({ kind: 'injection_probe', severity: 'high' });
    world.expected.add(first.analysis.queryFindings[0]?.pattern as string);
    const again = await service.observe(probe(), 'pre-response');
    expect(again.analysis.queryFindings[0]).toMatchObject({ kind: 'injection_probe', severity: 'low' });
  });

  it('trains anew when a column comes that the model does not know', async () => {
    await teach(60);
    const before = world.submitted.length;
    const wider = (n: number) => orders(rows(n, 10).map((one, i) => ({ ...one, discount: i % 7 })));
    for (let n = 0; n < 3; n++) await service.observe(wider(n * 10), 'pre-response');
    await world.registry.settled();
    expect(world.submitted.length - before).toBe(3);
    const { analysis } = await service.observe(wider(900), 'pre-response');
    expect(analysis.datasets[0]).toMatchObject({ featuresUsed: 4, baseline: { modelVersion: expect.any(Number) } });
  });

  const AT = Date.UTC(2026, 10, 2, 9);
  const dearer = (n: number, extra = {}) =>
    orders(
      rows(n * 10, 10).map((one) => ({ ...one, total: one.total + 50_000 })),
      extra,
    );
  const by = (userId: string) => ({ principal: { role: 'support', userId, sessionVariables: new Map() } });

  it('takes a flagged majority as one finding about the dataset, as severe as they are together, and sets it aside', async () => {
    await teach(30);
    const { analysis } = await service.observe(dearer(0), 'pre-response');
    expect(analysis.datasets[0]).toMatchObject({
      collective: true,
      findings: [{ kind: 'distribution_change', subject: { kind: 'dataset' }, severity: 'high' }],
    });
    const lesson = world.submitted.at(-1)?.lessons[0];
    expect([lesson?.learntCount, lesson?.records.length, lesson?.quarantined.length]).toEqual([0, 0, 10]);
  });

  it('does not learn what one caller sends within a day, however much, and tells of the drift once', async () => {
    await teach(30);
    for (let n = 0; n < 60; n++) await service.observe(dearer(n, { at: AT + n * 60_000 }), 'pre-response');
    await world.registry.settled();
    expect(world.submitted.slice(30).every(({ lessons }) => lessons[0]?.learntCount === 0)).toBe(true);
    expect(world.drifts).toMatchObject([{ kind: 'drift', severity: 'high', fields: [{ path: 'total' }] }]);
    expect(world.drifts[0]?.reason).toMatch(/^\d+ of the latest \d+ records are unusual, where [12] would be expected/);
    const told = world.submitted.flatMap(({ analysis }) => analysis?.datasets[0]?.findings ?? []);
    expect(told.filter(({ kind }) => kind === 'drift')).toHaveLength(1);
  });

  it('learns what was found on three days, unless somebody confirmed that it is wrong', async () => {
    await teach(30);
    const learntOn = async (day: number) => {
      await service.observe(dearer(day, { at: AT + day * DAY }), 'pre-response');
      return world.submitted.at(-1)?.lessons[0]?.learntCount;
    };
    expect([await learntOn(0), await learntOn(0), await learntOn(1), await learntOn(2)]).toEqual([0, 0, 0, 10]);
    world.confirmed.add(world.submitted.at(-1)?.analysis?.datasets[0]?.findings[0]?.pattern as string);
    expect(await learntOn(3)).toBe(0);
  });

  it('learns within hours what every caller sees, and falls silent', async () => {
    await teach(30);
    let silentAfter = 0;
    for (let n = 0; n < 120 && silentAfter === 0; n++) {
      const observation = dearer(n, { at: AT + (n * HOUR) / 20, ...by(String(n % 5)) });
      const { analysis } = await service.observe(observation, 'pre-response');
      await world.registry.settled();
      if (!analysis.anomalous) silentAfter = n;
    }
    expect(silentAfter).toBeGreaterThan(20);
  });

  it('does not learn from a request that a rule refused', async () => {
    await service.observe(orders(rows(0, 10), { killed: true }), 'pre-response');
    expect(world.submitted[0]?.lessons).toEqual([]);
  });

  it('learns nothing from a delivery that was there before', async () => {
    world.state.outcome = 'duplicate';
    for (let n = 0; n < 30; n++) await service.observe(orders(rows(0, 10)), 'pre-response');
    await world.registry.settled();
    await world.tally.flush();
    const observation = orders(rows(0, 1));
    const { analysis } = await service.observe(observation, 'pre-response');
    expect([analysis.datasets[0]?.baseline.records, world.tallied]).toEqual([0, []]);
  });

  it('keeps roles and datasets apart (D6)', async () => {
    await teach(30);
    const { analysis } = await service.observe(
      orders(rows(0, 10), {
        role: 'support',
        principal: { role: 'support2', userId: null, sessionVariables: new Map() },
      }),
      'pre-response',
    );
    expect(analysis.datasets[0]?.baseline.rung).toBe('none');
  });

  it('counts requests, records and anomalies in the tally', async () => {
    await teach(30);
    await world.tally.flush();
    expect(world.tallied.reduce((sum, one) => sum + one.requests, 0)).toBe(30);
    expect(world.tallied.reduce((sum, one) => sum + one.records, 0)).toBe(300);
  });

  it('lets others run while a large response is analysed', async () => {
    await teach(100);
    let longest = 0;
    let last = performance.now();
    const ticking = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 1);
    const { analysis } = await service.observe(orders(rows(0, 5_000)), 'pre-response');
    clearInterval(ticking);
    expect(analysis.datasets[0]?.pValues).toHaveLength(5_000);
    // The mark is 10 ms; the rest is for a machine that is busy with other tests.
    expect(longest).toBeLessThan(250);
  });
});

/** 4 ms and a step; twice that for a machine that is slow. */
const TURN_MS = 15;

it.each<[string, (record: ReturnType<typeof row>, i: number) => object]>([
  ['ordinary records', (record) => record],
  ['records that are flagged together', (record) => ({ ...record, total: record.total * 1_000 })],
  ['records of which many are flagged', (record, i) => (i % 5 === 0 ? { ...record, total: 98_000 + i } : record)],
])(
  'a response of 10,000 %s is examined and learnt in short turns',
  async (_, change) => {
    await teach(20);
    let shortest = Infinity;
    // The first ones run before the code is compiled; the promise is about the running service.
    for (let run = 0; run < 5 && shortest >= TURN_MS; run++) {
      const large = orders(rows(run * 10_000, 10_000).map((record, i) => ({ ...change(record, i) })));
      shortest = Math.min(shortest, await world.turns.longestOf(() => service.observe(large, 'pre-response')));
    }
    expect(shortest).toBeLessThan(TURN_MS);
  },
  20_000,
);
