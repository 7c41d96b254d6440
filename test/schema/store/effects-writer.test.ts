import { describe, expect, it, vi } from 'vitest';
import type { Effects } from '../../../core/domain/effects.ts';
import { createEffectsWriter, type EffectsWriterDeps } from '../../../schema/store/effects-writer.ts';
import { observationOf } from '../../support/observations.ts';

const effects = (): Effects => ({
  observation: observationOf({}),
  hook: 'pre-response',
  verdict: 'allowed',
  ruleKey: null,
  analysis: null,
  lessons: [],
});

const outage = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** A database that can be taken away and that refuses marked observations. */
function fakeDatabase() {
  const state = { away: false, batches: [] as number[], written: [] as string[], poison: new Set<string>() };
  const announced: boolean[] = [];
  const culprits: string[] = [];
  const deps: EffectsWriterDeps = {
    async apply(batch) {
      if (state.away) throw outage();
      if (batch.some(({ observation }) => state.poison.has(observation.id))) throw new Error('value refused');
      state.batches.push(batch.length);
      const ids = batch.map(({ observation }) => observation.id);
      state.written.push(...ids);
      return new Set(ids);
    },
    onCulprit: ({ observation }) => culprits.push(observation.id),
    onOutage: (away) => announced.push(away),
    limits: { retryMs: 5, maxQueued: 20 },
  };
  return { state, announced, culprits, deps };
}

describe('the writer', () => {
  it('puts what is ready at the same time into one transaction, in order', async () => {
    const { state, deps } = fakeDatabase();
    const writer = createEffectsWriter(deps);
    const all = Array.from({ length: 10 }, effects);
    expect(await Promise.all(all.map((one) => writer.submit(one)))).toEqual(Array(10).fill('committed'));
    expect(state.batches).toEqual([10]);
    expect(state.written).toEqual(all.map((one) => one.observation.id));
  });

  it('sets aside the one that is refused and writes the others', async () => {
    const { state, culprits, deps } = fakeDatabase();
    const writer = createEffectsWriter(deps);
    const all = Array.from({ length: 9 }, effects);
    const bad = all[6] as Effects;
    state.poison.add(bad.observation.id);
    const outcomes = await Promise.all(all.map((one) => writer.submit(one)));
    expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(8);
    expect(outcomes[6]).toBe('dropped');
    expect(culprits).toEqual([bad.observation.id]);
    expect(new Set(state.written).size).toBe(8);
  });

  it('says deferred at once while the database is away, and writes everything when it is back', async () => {
    const { state, announced, deps } = fakeDatabase();
    const writer = createEffectsWriter(deps);
    state.away = true;
    expect(await writer.submit(effects())).toBe('deferred');
    expect(await writer.submit(effects())).toBe('deferred');
    expect(writer.queued).toBe(2);
    state.away = false;
    expect(await writer.drain(1_000)).toBe(0);
    expect(state.written).toHaveLength(2);
    expect(announced).toEqual([true, false]);
  });

  it('writes a batch again that lost against another instance, and calls it an outage when that goes on', async () => {
    const { state, announced, deps } = fakeDatabase();
    let losses = 4;
    const apply: EffectsWriterDeps['apply'] = (batch) => {
      if (losses-- > 0) throw Object.assign(new Error('Deadlock found'), { code: 'ER_LOCK_DEADLOCK', errno: 1213 });
      return deps.apply(batch);
    };
    const writer = createEffectsWriter({ ...deps, apply });
    expect(await writer.submit(effects())).toBe('committed');
    expect(announced).toEqual([]);
    losses = 5;
    expect(await writer.submit(effects())).toBe('deferred');
    await vi.waitFor(() => expect(announced).toEqual([true, false]));
    expect(state.written).toHaveLength(2);
  });

  it('drops what no longer fits into the queue, and never more', async () => {
    const { state, deps } = fakeDatabase();
    const writer = createEffectsWriter(deps);
    state.away = true;
    const outcomes = [];
    for (let i = 0; i < 25; i++) outcomes.push(await writer.submit(effects()));
    expect(outcomes.filter((outcome) => outcome === 'dropped')).toHaveLength(5);
    expect(writer.queued).toBe(20);
  });

  it('tells how much it leaves behind when its grace is over', async () => {
    const { state, deps } = fakeDatabase();
    const writer = createEffectsWriter(deps);
    state.away = true;
    await writer.submit(effects());
    expect(await writer.drain(50)).toBe(1);
  });
});
