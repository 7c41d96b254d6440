import { describe, expect, it } from 'vitest';
import { tableOfWindow } from '../../../../../core/detection/records/features/feature-table.ts';
import {
  areaUnderRoc,
  averagePrecision,
  evaluateDetector,
  noveltySplit,
} from '../../../../../core/detection/records/model/evaluate.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { finish } from '../../../../../core/domain/steps.ts';
import { normal } from '../orders.ts';

describe('the area under the ROC curve', () => {
  it.each([
    ['a perfect ranking', [0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 1],
    ['a reversed ranking', [0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], 0],
    ['equal scores', [0.5, 0.5, 0.5], [1, 0, 0], 0.5],
    // Pairs: 0.8 beats both, 0.4 beats one and ties with none: 3 of 4.
    ['a mixed ranking', [0.8, 0.6, 0.4, 0.2], [1, 0, 1, 0], 0.75],
    ['one class only', [0.8, 0.6], [1, 1], null],
  ])('of %s', (_, scores, labels, expected) => {
    expect(areaUnderRoc(scores, labels)).toBe(expected);
  });
});

describe('average precision', () => {
  it.each([
    ['a perfect ranking', [0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 1],
    ['a mixed ranking', [0.8, 0.6, 0.4, 0.2], [1, 0, 1, 0], (1 + 2 / 3) / 2],
    ['equal scores, as one block', [0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0], 0.25],
    ['no anomaly', [0.5], [0], null],
  ])('of %s', (_, scores, labels, expected) => {
    expect(averagePrecision(scores, labels)).toBe(expected);
  });
});

describe('an evaluation', () => {
  const prng = createPrng('evaluate');
  const labels = Array.from({ length: 320 }, (_, i) => (i % 16 === 0 ? 1 : 0));
  const records = labels.map((label, i) => ({
    key: String(i).padStart(4, '0'),
    at: 0,
    features: { a: normal(prng) + 5 * label, b: normal(prng) },
  }));

  it.each(['mixed', 'novelty'] as const)('finds planted anomalies under protocol %s', (protocol) => {
    const result = finish(
      evaluateDetector(finish(tableOfWindow(records)), labels, { protocol, detector: 'joined', seeds: 2 }),
    );
    expect(result.perSeed.map(({ seed }) => seed)).toEqual([0, 1]);
    expect(result.auroc).toBeGreaterThan(0.95);
    expect(result.averagePrecision).toBeGreaterThan(0.6);
    expect(result.scored.length).toBe(protocol === 'mixed' ? 320 : 170);
    expect(result.scores.scores.length).toBe(result.scored.length);
  });

  it('without labels scores all records and measures nothing', () => {
    const result = finish(
      evaluateDetector(finish(tableOfWindow(records)), null, { protocol: 'novelty', detector: 'forest', seeds: 3 }),
    );
    expect(result).toMatchObject({ auroc: null, averagePrecision: null, perSeed: [] });
    expect(result.scored.length).toBe(320);
  });

  it('gives the same figures again', () => {
    const options = { protocol: 'novelty', detector: 'joined', seeds: 1 } as const;
    const run = () => finish(evaluateDetector(finish(tableOfWindow(records)), labels, options)).perSeed;
    expect(run()).toEqual(run());
  });

  it('trains on normal records only under the novelty protocol', () => {
    const { train, test } = noveltySplit(labels.length, labels, 0);
    expect([...train].every((index) => labels[index] === 0)).toBe(true);
    expect(new Set([...train, ...test]).size).toBe(320);
  });
});
