import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ladderOf } from '../../../core/domain/baseline.ts';
import type { Effects } from '../../../core/domain/effects.ts';
import { DAY } from '../../../core/domain/time.ts';
import { cleanUp } from '../../../core/services/retention-service.ts';
import { type Database, openDatabase } from '../../../schema/store/database.ts';
import { createStore, type OpenStore } from '../../../schema/store/store.ts';
import { datasetOf, observationOf, shapeOf } from '../../support/observations.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../../support/stores.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAYS = { log: 30, anomalies: 90, history: 14, models: 360 };
const clock = { now: () => NOW };

describe.each(TEST_DIALECTS)('retention on %s', (dialect) => {
  let given: TestDatabase;
  let database: Database;
  let store: OpenStore;

  beforeAll(async () => {
    given = await createTestDatabase(dialect);
    database = await openDatabase(given.location);
    store = createStore({
      database,
      clock,
      minimumRecords: 100,
      maximumRecords: 100,
      onCulprit: () => {},
      onOutage: () => {},
    });
  });

  afterAll(async () => {
    await store.close();
    await given.drop();
  });

  const count = async (
    table:
      | 'request_log'
      | 'anomaly_analyses'
      | 'anomaly_records'
      | 'historical_data'
      | 'history_blocks'
      | 'query_patterns',
  ) =>
    Number(
      (
        await database.kysely
          .selectFrom(table)
          .select((select) => select.fn.countAll().as('n'))
          .executeTakeFirstOrThrow()
      ).n,
    );

  it('deletes what is past its days, with what hangs on it, and nothing else', async () => {
    for (const days of [100, 60, 20, 1]) await store.writer.submit(effectsAt(NOW - days * DAY, `q${days}`, 5));
    expect([await count('request_log'), await count('anomaly_analyses'), await count('anomaly_records')]).toEqual([
      4, 4, 4,
    ]);

    const deleted = await cleanUp(store, clock, DAYS);
    expect(deleted).toMatchObject({ requests: 2, anomalies: 1, baselines: 6 });
    expect([await count('request_log'), await count('anomaly_analyses'), await count('anomaly_records')]).toEqual([
      2, 3, 3,
    ]);
    expect(await count('historical_data')).toBe(2);
    // The shape of 100 days ago has neither log, analysis nor baseline left; that of 60 still has its analysis.
    expect(await count('query_patterns')).toBe(3);
    expect(await cleanUp(store, clock, DAYS)).toMatchObject({ requests: 0, anomalies: 0, baselines: 0 });
  });

  it('sweeps blocks that lost against the sample of both rungs', async () => {
    // 130 blocks of one record each, for a sample of 100: the 30 of worst priority can't be in it.
    for (let i = 0; i < 130; i++) await store.writer.submit(effectsAt(NOW - 1_000, 'swept', 1, i));
    const before = await count('history_blocks');
    const { samples } = await cleanUp(store, clock, DAYS);
    expect(samples).toBe(30);
    expect(await count('history_blocks')).toBe(before - 30);
  });

  let sent = 0;

  function effectsAt(at: number, text: string, records: number, priority = 0): Effects {
    const rows = Array.from({ length: records }, (_, i) => ({ total: i }));
    const observation = observationOf({
      at,
      receivedAt: at,
      deliveryKey: `d${sent++}`,
      role: text,
      shape: shapeOf(text),
      datasets: [datasetOf('orders', rows)],
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
            kind: 'burst',
            subject: { kind: 'caller' },
            severity: 'low',
            p: null,
            score: null,
            reason: 'test',
            fields: [],
          },
        ],
        recommendations: [],
      },
      lessons: [
        {
          ladder: ladderOf(observation, 'orders'),
          columns: ['total'],
          records: rows.map((row) => ({ priority, features: [row.total] })),
          quarantined: [],
          learntCount: records,
        },
      ],
    };
  }
});
