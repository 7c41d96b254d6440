import { describe, expect, it } from 'vitest';
import { serialiseModel } from '../../../core/detection/records/model/model-format.ts';
import { type FeatureBatch } from '../../../core/detection/records/features/record-features.ts';
import { batchOfRows } from '../../support/feature-rows.ts';
import { trainRecordModel } from '../../../core/detection/records/model/record-model.ts';
import { finish } from '../../../core/domain/steps.ts';
import { baselineOf } from '../../../core/domain/baseline.ts';
import { createBaselineRegistry } from '../../../core/services/baseline-registry.ts';
import type { TrainingCause } from '../../../core/domain/training-cause.ts';
import type { BaselineState, TrainedModel } from '../../../core/services/ports/models.ts';

const baseline = baselineOf('graphql', null, 'orders', 'sales');

function modelBytes(version: number): Uint8Array {
  const window = Array.from({ length: 120 }, (_, i) => ({ key: `${i}`, at: 0, features: { total: (i * 37) % 100 } }));
  const model = finish(trainRecordModel(window, { baselineKey: baseline.key, version, trainedAt: 0 }));
  if (!model) throw new Error('no model');
  return serialiseModel(model);
}

function fakeStore(state?: BaselineState, maxBytes?: number) {
  const loads: string[] = [];
  const trainings: number[] = [];
  const causes: TrainingCause[] = [];
  const faults: string[] = [];
  const answer: { next: TrainedModel | 'elsewhere' | undefined | Error } = { next: undefined };
  const trained: number[] = [];
  const registry = createBaselineRegistry({
    history: {
      stateOf: async ({ key }) => {
        loads.push(key);
        return state;
      },
      standings: async () =>
        new Map(
          state
            ? [[baseline.key, { recordCount: state.recordCount, activeVersion: state.model?.version ?? 0 }] as const]
            : [],
        ),
    },
    models: {
      async train(_baseline, version, cause) {
        trainings.push(version);
        causes.push(cause);
        if (answer.next instanceof Error) throw answer.next;
        return answer.next;
      },
    },
    minimumRecords: 100,
    alpha: 0.01,
    ...(maxBytes !== undefined && { maxBytes }),
    onTrained: (_baseline, version) => trained.push(version),
    onFault: (what) => faults.push(what),
  });
  return { registry, trainings, trained, causes, faults, answer, loads };
}

describe('baselines in memory', () => {
  it('train once the minimum of records was learnt by a baseline that is asked', async () => {
    const { registry, trainings, answer } = fakeStore();
    answer.next = { version: 1, learntCount: 100, model: modelBytes(1), cut: 7 };
    const entry = await registry.entryOf(baseline);
    registry.learnt(entry, 100, null);
    expect(trainings).toEqual([]);
    entry.consulted = true;
    registry.learnt(entry, 0, null);
    await registry.settled();
    expect(trainings).toEqual([1]);
    expect(entry).toMatchObject({ latestVersion: 1, cut: 7, training: false });
    expect(entry.model?.version).toBe(1);
  });

  it('train again after a fifth more records, not before', async () => {
    const { registry, trainings, answer } = fakeStore({
      recordCount: 1_000,
      latestVersion: 3,
      model: { version: 3, learntCount: 1_000, model: modelBytes(3) },
    });
    answer.next = { version: 4, learntCount: 1_200, model: modelBytes(4), cut: Infinity };
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    registry.learnt(entry, 199, null);
    await registry.settled();
    expect(trainings).toEqual([]);
    registry.learnt(entry, 1, null);
    await registry.settled();
    expect(trainings).toEqual([4]);
  });

  it('train when the p-values of recent records stop being uniform', async () => {
    const { registry, trainings } = fakeStore({
      recordCount: 5_000,
      latestVersion: 1,
      model: { version: 1, learntCount: 5_000, model: modelBytes(1) },
    });
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    registry.learnt(entry, 10, new Float64Array(300).fill(0.01));
    await registry.settled();
    expect(trainings).toEqual([2]);
  });

  it('train when a column comes that the model does not know, once it came with enough records', async () => {
    const { registry, trainings, causes } = fakeStore({
      recordCount: 5_000,
      latestVersion: 1,
      model: { version: 1, learntCount: 5_000, model: modelBytes(1) },
    });
    const withExtra = batchOfRows([{ total: 5, extra: 1 }], 0);
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    registry.learnt(entry, 29, null, withExtra);
    await registry.settled();
    expect(trainings).toEqual([]);
    registry.learnt(entry, 1, null, withExtra);
    await registry.settled();
    expect(trainings).toEqual([2]);
    expect(causes).toEqual(['new_column']);
    // What training left open waits for as many records again.
    entry.consulted = true;
    registry.learnt(entry, 1, null, withExtra);
    await registry.settled();
    expect(trainings).toEqual([2]);
  });

  it('train when the values of a column are of another type than before, not for odd ones', async () => {
    const { registry, trainings, causes } = fakeStore({
      recordCount: 5_000,
      latestVersion: 1,
      model: { version: 1, learntCount: 5_000, model: modelBytes(1) },
    });
    const numbers = batchOfRows([{ total: 5 }], 0);
    const words = batchOfRows([{ total: ['hash', 4, 'aaaa', 0, 0, 0] }], 0);
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    const learn = async (batch: FeatureBatch, records: number) => {
      for (let record = 0; record < records; record++) registry.learnt(entry, 1, null, batch);
      await registry.settled();
    };
    // A word among two numbers, again and again: a mixture, of which the number is still the larger part.
    for (let i = 0; i < 110; i++) {
      await learn(words, 1);
      await learn(numbers, 2);
    }
    expect(trainings).toEqual([]);
    await learn(words, 400);
    expect([trainings, causes]).toEqual([[2], ['changed_type']]);
  });

  it.each([
    ['there is none', { recordCount: 100, latestVersion: 0, model: null }, 'first'],
    [
      'a new version was asked for',
      { recordCount: 500, latestVersion: 1, model: { version: 1, learntCount: 0, model: modelBytes(1) } },
      'requested',
    ],
    [
      'the stored one can not be read',
      { recordCount: 500, latestVersion: 1, model: { version: 1, learntCount: 500, model: Buffer.from('?') } },
      'unreadable',
    ],
  ])('say why a model is trained when %s', async (_, state, cause) => {
    const { registry, causes } = fakeStore(state);
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    registry.learnt(entry, 0, null);
    await registry.settled();
    expect(causes).toEqual([cause]);
  });

  it('count records released from quarantine, which may make training due', async () => {
    const { registry, trainings } = fakeStore({
      recordCount: 500,
      latestVersion: 1,
      model: { version: 1, learntCount: 500, model: modelBytes(1) },
    });
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    registry.learnt(entry, 60, null);
    registry.released(baseline.key, 39);
    expect([entry.recordCount, trainings]).toEqual([599, []]);
    registry.released(baseline.key, 1);
    await registry.settled();
    expect(trainings).toEqual([2]);
    registry.released('of a baseline that is not in memory', 1);
  });

  it('are forgotten, the least recently used first, beyond the bytes they may take', async () => {
    const bytes = modelBytes(1);
    const state = { recordCount: 500, latestVersion: 1, model: { version: 1, learntCount: 500, model: bytes } };
    const { registry, loads } = fakeStore(state, Math.floor(2.5 * (bytes.length + 1_000)));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => baselineOf('graphql', null, name, 'sales'));
    for (const one of [a, b, a, c]) await registry.entryOf(one as typeof baseline);
    expect(loads).toHaveLength(3);
    await registry.entryOf(a as typeof baseline);
    expect(loads).toHaveLength(3);
    await registry.entryOf(b as typeof baseline);
    expect(loads).toEqual([a?.key, b?.key, c?.key, b?.key]);
  });

  it('are weighed anew with the model they are trained', async () => {
    const bytes = modelBytes(1);
    const { registry, loads, answer } = fakeStore(undefined, Math.floor(2.5 * (bytes.length + 1_000)));
    answer.next = { version: 1, learntCount: 100, model: bytes, cut: Infinity };
    for (const name of ['a', 'b', 'c']) {
      const entry = await registry.entryOf(baselineOf('graphql', null, name, 'sales'));
      entry.consulted = true;
      registry.learnt(entry, 100, null);
      await registry.settled();
    }
    loads.length = 0;
    await registry.entryOf(baselineOf('graphql', null, 'a', 'sales'));
    expect(loads).toHaveLength(1);
  });

  it('are loaded anew when another instance made another version active', async () => {
    const state = {
      recordCount: 500,
      latestVersion: 1,
      model: { version: 1, learntCount: 500, model: modelBytes(1) },
    };
    const { registry, loads } = fakeStore(state);
    await registry.entryOf(baseline);
    await registry.refresh();
    expect((await registry.entryOf(baseline)).model?.version).toBe(1);
    expect(loads).toHaveLength(1);
    Object.assign(state, { latestVersion: 2, model: { version: 2, learntCount: 500, model: modelBytes(2) } });
    await registry.refresh();
    expect((await registry.entryOf(baseline)).model?.version).toBe(2);
  });

  it('wait for the instance that trains, take over its model, and train themselves when it never comes', async () => {
    const state: BaselineState = { recordCount: 200, latestVersion: 0, model: null };
    const { registry, trainings, trained, answer } = fakeStore(state);
    answer.next = 'elsewhere';
    const ask = async () => {
      const entry = await registry.entryOf(baseline);
      entry.consulted = true;
      registry.learnt(entry, 1, null);
      await registry.settled();
      return entry;
    };
    for (let n = 0; n < 3; n++) await ask();
    expect(trainings).toEqual([1]);
    await registry.takeOver();
    await registry.settled();
    expect(trainings).toEqual([1, 1]);
    Object.assign(state, { latestVersion: 1, model: { version: 1, learntCount: 200, model: modelBytes(1) } });
    await registry.takeOver();
    expect((await ask()).model?.version).toBe(1);
    // Another one's model is not one that was trained here.
    expect([trainings, trained]).toEqual([[1, 1], []]);
  });

  it('train what another instance began and did not end', async () => {
    const { registry, trained, answer } = fakeStore({ recordCount: 200, latestVersion: 0, model: null });
    answer.next = 'elsewhere';
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    registry.learnt(entry, 1, null);
    await registry.settled();
    answer.next = { version: 1, learntCount: 200, model: modelBytes(1), cut: Infinity };
    await registry.takeOver();
    await registry.settled();
    expect([entry.model?.version, trained]).toEqual([1, [1]]);
  });

  it('are trained anew when records they learnt are withdrawn', async () => {
    const { registry, causes } = fakeStore({
      recordCount: 500,
      latestVersion: 1,
      model: { version: 1, learntCount: 500, model: modelBytes(1) },
    });
    const entry = await registry.entryOf(baseline);
    registry.withdrawn(baseline.key, 10);
    expect(entry.recordCount).toBe(490);
    entry.consulted = true;
    registry.learnt(entry, 1, null);
    await registry.settled();
    expect(causes).toEqual(['requested']);
  });

  it('take over a first model that another instance trained on more traffic', async () => {
    const state: BaselineState = { recordCount: 10, latestVersion: 0, model: null };
    const { registry, trainings } = fakeStore(state);
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    Object.assign(state, { latestVersion: 1, model: { version: 1, learntCount: 200, model: modelBytes(1) } });
    await registry.refresh();
    expect((await registry.entryOf(baseline)).model?.version).toBe(1);
    expect(trainings).toEqual([]);
  });

  it('train when all instances together have learnt enough, each for itself too little', async () => {
    const state: BaselineState = { recordCount: 0, latestVersion: 0, model: null };
    const { registry, trainings, answer } = fakeStore(state);
    answer.next = { version: 1, learntCount: 160, model: modelBytes(1), cut: Infinity };
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    registry.learnt(entry, 60, null);
    Object.assign(state, { recordCount: 120 });
    await registry.refresh();
    await registry.settled();
    expect([trainings, entry.model?.version]).toEqual([[1], 1]);
    // The next one is due after as many records more as the sample that was trained on asks for.
    Object.assign(state, { recordCount: 259, latestVersion: 1, model: answer.next });
    entry.consulted = true;
    await registry.refresh();
    await registry.settled();
    expect(trainings).toEqual([1]);
    Object.assign(state, { recordCount: 260 });
    await registry.refresh();
    await registry.settled();
    expect(trainings).toEqual([1, 2]);
  });

  it('begin no training once they are closed, and call none a fault that ended with the process', async () => {
    const { registry, trainings, faults, answer } = fakeStore();
    answer.next = new Error('the trainer is closed');
    const [first, second] = [await registry.entryOf(baseline), await registry.entryOf({ ...baseline, key: 'another' })];
    for (const entry of [first, second]) {
      entry.consulted = true;
      registry.learnt(entry, 100, null);
    }
    await registry.close();
    expect(trainings.length).toBeLessThanOrEqual(1);
    expect(faults).toEqual([]);
  });

  it('take over what another instance trained', async () => {
    const state: BaselineState = { recordCount: 200, latestVersion: 0, model: null };
    const { registry, trainings } = fakeStore(state);
    const entry = await registry.entryOf(baseline);
    Object.assign(state, { latestVersion: 1, model: { version: 1, learntCount: 200, model: modelBytes(1) } });
    entry.consulted = true;
    registry.learnt(entry, 1, null);
    await registry.settled();
    expect(entry.model?.version).toBe(1);
    expect(trainings).toEqual([]);
  });

  it('refuse a damaged model and train anew instead of guessing', async () => {
    const { registry, faults, trainings, answer } = fakeStore({
      recordCount: 500,
      latestVersion: 1,
      model: { version: 1, learntCount: 500, model: Buffer.from('{"format":"record-model"}') },
    });
    const entry = await registry.entryOf(baseline);
    expect(entry.model).toBeNull();
    expect(faults).toEqual(['a stored model was refused and will be trained anew']);
    answer.next = { version: 2, learntCount: 500, model: modelBytes(2), cut: Infinity };
    entry.consulted = true;
    registry.learnt(entry, 1, null);
    await registry.settled();
    expect(trainings).toEqual([2]);
    expect(entry.model?.version).toBe(2);
  });

  it('stay usable when training fails', async () => {
    const { registry, faults, answer } = fakeStore();
    answer.next = new Error('thread died');
    const entry = await registry.entryOf(baseline);
    entry.consulted = true;
    registry.learnt(entry, 150, null);
    await registry.settled();
    expect(faults).toHaveLength(1);
    expect(entry.training).toBe(false);
  });

  it('load once for requests that come at the same time', async () => {
    const { registry } = fakeStore();
    const [first, second] = await Promise.all([registry.entryOf(baseline), registry.entryOf(baseline)]);
    expect(second).toBe(first);
  });
});
