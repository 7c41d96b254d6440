import { describe, expect, it } from 'vitest';
import {
  clusteringOfCategories,
  clusteringOfNumbers,
  effectiveCount,
  independentCount,
} from '../../../../core/detection/statistics/clustering.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';
import { normal } from '../records/orders.ts';

const GROUPS = 60;
const SIZE = 20;
const prng = createPrng('clustering');
const groups = Int32Array.from({ length: GROUPS * SIZE }, (_, i) => Math.floor(i / SIZE));
const effects = Float64Array.from({ length: GROUPS }, () => normal(prng));

describe('clustering', () => {
  it.each([0, 0.2, 0.5, 0.9])('of numbers with intraclass correlation %d is bounded from above, not by much', (rho) => {
    const values = Float64Array.from(
      groups,
      (group) => Math.sqrt(rho) * effects[group]! + Math.sqrt(1 - rho) * normal(prng),
    );
    const bound = clusteringOfNumbers(values, groups);
    expect(bound).toBeGreaterThanOrEqual(rho - 0.05);
    expect(bound).toBeLessThan(rho + 0.25);
  });

  it('of categories is near 0 where responses are alike and near 1 where each holds one value', () => {
    const mixed = Array.from(groups, () => (prng.uniform() < 0.3 ? 'a' : 'b'));
    const filtered = Array.from(groups, (group) => `customer ${group % 9}`);
    expect(clusteringOfCategories(mixed, groups)).toBeLessThan(0.08);
    expect(clusteringOfCategories(filtered, groups)).toBeCloseTo(1);
  });

  it('is taken as complete where too few responses were seen', () => {
    expect(clusteringOfNumbers([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(
      clusteringOfNumbers(
        Float64Array.from({ length: 100 }, () => normal(prng)),
        Array.from({ length: 100 }, (_, i) => i),
      ),
    ).toBe(1);
    expect(clusteringOfCategories([], [])).toBe(1);
  });

  it('makes as many independent values of all responses as there are records, or responses, or anything between', () => {
    const unlike = Float64Array.from(groups, () => normal(prng));
    expect(independentCount(unlike, groups)).toBeGreaterThan(0.5 * GROUPS * SIZE);
    expect(independentCount(Float64Array.from(groups), groups)).toBeCloseTo(GROUPS);
    expect(independentCount([1, 2, 3], [0, 1, 2])).toBe(3);
    expect(independentCount([1, 2, Number.NaN], [0, 0, 1])).toBe(1);
    expect(independentCount([], [])).toBe(0);
  });

  it('reduces the number of records a response is worth', () => {
    expect(effectiveCount(20, 0)).toBe(20);
    expect(effectiveCount(20, 1)).toBe(1);
    expect(effectiveCount(21, 0.05)).toBe(10.5);
  });
});
