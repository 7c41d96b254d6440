import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ladderOf } from '../../../core/domain/baseline.ts';
import type { Effects } from '../../../core/domain/effects.ts';
import type { Finding } from '../../../core/domain/finding.ts';
import type { Uuid } from '../../../core/domain/ids.ts';
import { DAY } from '../../../core/domain/time.ts';
import { cleanUp } from '../../../core/services/retention-service.ts';
import { CODECS } from '../../../schema/store/codec.ts';
import { type Database, openDatabase } from '../../../schema/store/database.ts';
import { baselineId } from '../../../schema/store/effect-rows.ts';
import { createStore, type OpenStore } from '../../../schema/store/store.ts';
import type { Tables } from '../../../schema/store/tables.ts';
import { CLAIM_MS, createTrainingClaims } from '../../../schema/store/training-claims.ts';
import { datasetOf, observationOf } from '../../support/observations.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../../support/stores.ts';

const NOW = Date.UTC(2026, 5, 1, 12);

describe.each(TEST_DIALECTS)('the life of a model on %s', (dialect) => {
  const time = { now: NOW };
  const clock = { now: () => time.now };
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
      maximumRecords: 1_000,
      onCulprit: (_effects, error) => {
        throw error;
      },
      onOutage: () => {},
    });
  });

  afterAll(async () => {
    await store.close();
    await given.drop();
  });

  /** Five ordinary records and as many that a finding with this pattern set aside. */
  async function setAside(role: string, pattern: string, at = NOW): Promise<Effects> {
    const rows = Array.from({ length: 10 }, (_, i) => ({ total: i }));
    const observation = observationOf({ at, receivedAt: at, role, datasets: [datasetOf('orders', rows)] });
    const finding: Finding = {
      kind: 'distribution_change',
      subject: { kind: 'dataset', dataset: 'orders' },
      severity: 'medium',
      p: 0.001,
      score: 0.9,
      reason: 'test',
      fields: [],
      pattern,
    };
    const lesson = rows.map((row, i) => ({ priority: i, features: [row.total] }));
    const effects: Effects = {
      observation,
      hook: 'pre-response',
      verdict: 'allowed',
      ruleKey: null,
      analysis: {
        observation,
        anomalous: true,
        datasets: [],
        queryFindings: [finding],
        recommendations: [],
      },
      lessons: [
        {
          ladder: ladderOf(observation, 'orders'),
          columns: ['total'],
          records: lesson.slice(0, 5),
          quarantined: lesson.slice(5),
          learntCount: 5,
        },
      ],
    };
    await store.writer.submit(effects);
    return effects;
  }

  const findingOf = async ({ observation }: Effects): Promise<Uuid> =>
    (
      await database.kysely
        .selectFrom('anomaly_records')
        .innerJoin('anomaly_analyses', 'anomaly_analyses.id', 'anomaly_records.analysis_id')
        .select('anomaly_records.id')
        .where('observation_id', '=', observation.id)
        .executeTakeFirstOrThrow()
    ).id;

  const learntBy = async ({ lessons }: Effects): Promise<number | undefined> =>
    (await store.history.stateOf(lessons[0]!.ladder.dataset))?.recordCount;

  it('lets released records be withdrawn, with those of the finding’s repeats, and both only once', async () => {
    const [first, second, other] = [
      await setAside('labels', 'a'.repeat(32)),
      await setAside('labels', 'a'.repeat(32)),
      await setAside('labels', 'b'.repeat(32)),
    ];
    const release = async (effects: Effects) => {
      const id = await findingOf(effects);
      return store.transaction(({ anomalies }) => anomalies.releaseQuarantine(id));
    };
    const withdraw = async (effects: Effects) => {
      const id = await findingOf(effects);
      return store.transaction(({ anomalies }) => anomalies.withdrawReleased(id));
    };
    expect(await learntBy(first)).toBe(15);
    for (const effects of [first, second, other]) expect(await release(effects)).toHaveLength(2);
    expect(await release(first)).toEqual([]);
    expect(await learntBy(first)).toBe(30);

    const withdrawn = await withdraw(second);
    expect(withdrawn.map(({ records }) => records)).toEqual([10, 10]);
    expect(await learntBy(first)).toBe(20);
    expect(await withdraw(first)).toEqual([]);
    expect(await release(first)).toHaveLength(2);
    expect(await learntBy(first)).toBe(25);
  });

  it('knows when findings of a pattern were made first and last', async () => {
    for (const days of [40, 9, 5, 2]) await setAside('spans', 'c'.repeat(32), NOW - days * DAY);
    const spans = await store.recurrence.spansOf(['c'.repeat(32), 'd'.repeat(32)], NOW - 30 * DAY);
    expect([...spans]).toEqual([['c'.repeat(32), { first: NOW - 9 * DAY, last: NOW - 2 * DAY }]]);
  });

  it('keeps what was set aside as long as its finding', async () => {
    await setAside('retention', 'e'.repeat(32), NOW - 91 * DAY);
    await setAside('retention', 'e'.repeat(32), NOW - 89 * DAY);
    const quarantined = async () =>
      Number(
        (
          await database.kysely
            .selectFrom('history_blocks')
            .select((select) => select.fn.countAll().as('n'))
            .where('quarantined', '=', CODECS[dialect].flag(true))
            .executeTakeFirstOrThrow()
        ).n,
      );
    const before = await quarantined();
    const clock = { now: () => NOW };
    const { samples } = await cleanUp(store, clock, { log: 365, anomalies: 90, history: 365, models: 365 });
    expect([samples, await quarantined()]).toEqual([1, before - 1]);
  });

  it('tells that a claim could not be renewed, and tries again', async () => {
    const id = baselineId((await setAside('renewed', 'e'.repeat(32))).lessons[0]!.ladder.dataset);
    const isAway = new Error('the database is away');
    const faults: unknown[] = [];
    const thirdFault = Promise.withResolvers<void>();
    let away = false;
    const claims = createTrainingClaims({
      codec: CODECS[dialect],
      clock,
      leaseMs: 30,
      transaction: async (run) => {
        if (away) throw isAway;
        return database.fork().transactional((em) => run(em.getKysely<Tables>()));
      },
      onRenewalFault: (error) => {
        if (faults.push(error) === 3) thirdFault.resolve();
      },
    });
    const claim = await claims.take(id);
    away = true;
    await thirdFault.promise;
    away = false;
    await claim?.release();
    expect(new Set(faults)).toEqual(new Set([isAway]));
  });

  it('gives the right to train to one instance, and to another when that one dies', async () => {
    const id = baselineId((await setAside('claims', 'f'.repeat(32))).lessons[0]!.ladder.dataset);
    const instance = () =>
      createTrainingClaims({
        codec: CODECS[dialect],
        clock,
        transaction: (run) => database.fork().transactional((em) => run(em.getKysely<Tables>())),
        onRenewalFault: (error) => {
          throw error;
        },
      });
    const [first, second] = [instance(), instance()];
    const both = await Promise.all([first.take(id), second.take(id)]);
    expect(both.filter((claim) => claim !== null)).toHaveLength(1);
    // The claim is never renewed: its holder is gone.
    time.now = NOW + CLAIM_MS - 1;
    expect(await second.take(id)).toBeNull();
    time.now = NOW + CLAIM_MS;
    const taken = await second.take(id);
    expect(taken).not.toBeNull();
    // What the first one gives back late is not its own any more.
    await both.find((claim) => claim !== null)?.release();
    expect(await first.take(id)).toBeNull();
    await taken?.release();
    const again = await first.take(id);
    expect(again).not.toBeNull();
    await again?.release();
    time.now = NOW;
  });
});
