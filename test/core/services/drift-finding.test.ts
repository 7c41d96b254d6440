import { describe, expect, it } from 'vitest';
import { createPrng } from '../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../core/detection/records/features/record-features.ts';
import { scoreRecords } from '../../../core/detection/records/model/record-model.ts';
import { driftFinding } from '../../../core/services/drift-finding.ts';
import { dataset, hash, orders, orderWindow, START, train } from '../detection/records/orders.ts';

const model = train(orderWindow(20));
const records = dataset('orders', orders(createPrng('drift finding'), 20, START));
const batch = featuresOf(records, START, hash);
const reasonOf = (flagged: number) =>
  driftFinding(
    { records: 400, flagged, excess: { level: 0.3, share: 0.62 }, p: 1e-6 },
    {
      model,
      dataset: records,
      batch,
      pValues: scoreRecords(model, batch).pValues,
      dictionary: { textOf: () => undefined, learn: () => undefined },
      alpha: 0.005,
    },
  ).reason;

describe('the reason of a drift', () => {
  it('is how many records are unusual, where it is that which drifted', () => {
    expect(reasonOf(60)).toMatch(
      /^60 of the latest 400 records are unusual, where 2 would be expected \(Kolmogorov–Smirnov p < 0.001\)/,
    );
  });

  it('is how far out all of them lie, where hardly more are unusual than expected', () => {
    for (const flagged of [0, 8]) {
      expect(reasonOf(flagged)).toMatch(
        /^the latest 400 records as a whole lie further out than those learnt: 62 % of them are as unusual as the most unusual 30 % \(Kol/,
      );
    }
  });
});
