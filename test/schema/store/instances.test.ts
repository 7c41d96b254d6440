import { expect, it } from 'vitest';
import { ladderOf } from '../../../core/domain/baseline.ts';
import type { Effects } from '../../../core/domain/effects.ts';
import { systemClock } from '../../../core/domain/time.ts';
import { openDatabase } from '../../../schema/store/database.ts';
import { createStore } from '../../../schema/store/store.ts';
import { datasetOf, observationOf, shapeOf } from '../../support/observations.ts';
import { createTestDatabase, TEST_DIALECTS } from '../../support/stores.ts';

const INSTANCES = 3;
const DELIVERIES = 400;
const SERVERS = TEST_DIALECTS.filter((dialect) => dialect !== 'sqlite');

it.each(SERVERS)(
  'instances on one %s that see the same deliveries write each once, and none is lost',
  async (dialect) => {
    const given = await createTestDatabase(dialect);
    const faults: unknown[] = [];
    const databases = await Promise.all(Array.from({ length: INSTANCES }, () => openDatabase(given.location)));
    const stores = databases.map((database) =>
      createStore({
        database,
        clock: systemClock,
        minimumRecords: 100,
        maximumRecords: 1_000,
        onCulprit: (_effects, error) => faults.push(error),
        onOutage: (_away, error) => faults.push(error),
      }),
    );
    // Each in an order of its own, so that they meet at the same keys from different sides.
    const outcomes = await Promise.all(
      stores.flatMap((store, instance) =>
        Array.from({ length: DELIVERIES }, (_, i) =>
          store.writer.submit(delivery((i * 37 + instance * 131) % DELIVERIES)),
        ),
      ),
    );
    expect(faults).toEqual([]);
    expect(Object.groupBy(outcomes, (outcome) => outcome).committed).toHaveLength(DELIVERIES);

    const [first] = databases;
    const totals = await first?.kysely
      .selectFrom('historical_data')
      .select((select) => select.fn.sum('record_count').as('records'))
      .executeTakeFirstOrThrow();
    // Two baselines for each record: of its shape, and of its dataset.
    expect(Number(totals?.records)).toBe(2 * DELIVERIES);
    const firsts = await first?.kysely.selectFrom('anomaly_records').select('id').execute();
    expect(firsts).toHaveLength(50);

    for (const store of stores) await store.close();
    await given.drop();
  },
);

/** One of 20 shapes and 5 roles, with one of 50 things that are reported when first seen. */
function delivery(n: number): Effects {
  const observation = observationOf({
    deliveryKey: `delivery-${n}`,
    role: `role ${n % 5}`,
    shape: shapeOf(`query Q${n % 20} { orders { id } }`),
    datasets: [datasetOf('orders', [{ total: n }])],
  });
  return {
    observation,
    hook: 'pre-response',
    verdict: 'allowed',
    ruleKey: null,
    analysis: {
      observation,
      anomalous: true,
      datasets: [],
      queryFindings: [
        {
          kind: 'new_shape',
          subject: { kind: 'caller' },
          severity: 'low',
          p: null,
          score: null,
          reason: 'first',
          fields: [],
          firstSeen: { kind: 'shape', scope: 'test', value: `value ${n % 50}` },
        },
      ],
      recommendations: [],
    },
    lessons: [
      {
        ladder: ladderOf(observation, 'orders'),
        columns: ['total'],
        records: [{ priority: n / DELIVERIES, features: [n] }],
        quarantined: [],
        learntCount: 1,
      },
    ],
  };
}
