import { describe, expect, it } from 'vitest';
import { isDrifting, retrainReason, smallPValueTest } from '../../../../core/detection/records/drift.ts';
import { createPrng } from '../../../../core/detection/records/prng.ts';

const prng = createPrng('drift');
const uniform = (count: number) => Float64Array.from({ length: count }, () => prng.uniform());
const use = {
  trainedRecords: 2_000,
  newRecords: 0,
  recentPValues: new Float64Array(),
  hasNewColumn: false,
  hasChangedType: false,
};

describe('a model is trained anew', () => {
  it.each([
    ['nothing changed', {}, null],
    ['a column is unknown', { hasNewColumn: true }, 'new_column'],
    ['a column changed its type', { hasChangedType: true, hasNewColumn: true }, 'changed_type'],
    ['399 records came to 2,000', { newRecords: 399 }, null],
    ['400 records came to 2,000', { newRecords: 400 }, 'new_records'],
    ['99 records came to 100', { trainedRecords: 100, newRecords: 99 }, null],
    ['100 records came to 100', { trainedRecords: 100, newRecords: 100 }, 'new_records'],
    ['p-values stay uniform', { recentPValues: uniform(500) }, null],
    ['p-values became small', { recentPValues: uniform(500).map((p) => p ** 2) }, 'drift'],
    ['few p-values became small', { recentPValues: uniform(199).map((p) => p ** 2) }, null],
    // Combined p-values of two parts are larger than uniform by design.
    ['p-values are larger than uniform', { recentPValues: uniform(500).map((p) => Math.min(1, 2 * p)) }, null],
  ])('when %s: %o', (_, change, expected) => {
    expect(retrainReason({ ...use, ...change })).toBe(expected);
  });
});

describe('drift', () => {
  const flaggedOf = (flagged: number, all: number) =>
    Float64Array.from({ length: all }, (_, i) => (i < flagged ? 0.005 : 0.5));

  it('is more than ten times the rate of flags over at least 200 records', () => {
    expect(isDrifting(flaggedOf(20, 200), 0.01)).toBe(false);
    expect(isDrifting(flaggedOf(21, 200), 0.01)).toBe(true);
    expect(isDrifting(flaggedOf(199, 199), 0.01)).toBe(false);
  });

  it('is seldom found in uniform p-values', () => {
    const found = Array.from({ length: 1_000 }, () => smallPValueTest(uniform(200))).filter((p) => p < 0.01).length;
    expect(found).toBeLessThan(25);
  });
});
