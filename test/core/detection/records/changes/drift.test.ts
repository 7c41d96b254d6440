import { describe, expect, it } from 'vitest';
import {
  retrainReason,
  smallPValueExcess,
  smallPValueTest,
} from '../../../../../core/detection/records/changes/drift.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';

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

describe('small p-values', () => {
  it('are seldom found among uniform ones', () => {
    const found = Array.from({ length: 1_000 }, () => smallPValueTest(uniform(200))).filter((p) => p < 0.01).length;
    expect(found).toBeLessThan(25);
  });

  it('are told by the level below which most too many lie', () => {
    expect(smallPValueExcess([0.1, 0.2, 0.3, 0.9])).toEqual({ level: 0.3, share: 0.75 });
    expect(smallPValueExcess([1, 1])).toEqual({ level: 1, share: 1 });
    expect(smallPValueExcess([])).toEqual({ level: 1, share: 1 });
  });
});
