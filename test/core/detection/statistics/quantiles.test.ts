import { describe, expect, it } from 'vitest';
import {
  countAtLeast,
  quantile,
  summaryAt,
  summaryQuantiles,
  tailProbability,
} from '../../../../core/detection/statistics/quantiles.ts';

const hundred = Float64Array.from({ length: 101 }, (_, i) => i);

describe('quantiles', () => {
  it('interpolate between order statistics', () => {
    expect(quantile(Float64Array.of(1, 2, 4), 0.5)).toBe(2);
    expect(quantile(Float64Array.of(1, 2, 4), 0.75)).toBe(3);
    expect(quantile(Float64Array.of(7), 0.3)).toBe(7);
    expect(quantile(new Float64Array(), 0.5)).toBeNaN();
  });

  it('count values at least as large', () => {
    const sorted = Float64Array.of(1, 2, 2, 3);
    expect([0, 1, 2, 2.5, 3, 4].map((value) => countAtLeast(sorted, value))).toEqual([4, 4, 3, 1, 1, 0]);
  });

  it('are summarised at fixed probabilities', () => {
    expect(summaryAt(summaryQuantiles(hundred), 0.5)).toBe(50);
    expect(summaryAt(summaryQuantiles(hundred), 1)).toBe(100);
    expect(() => summaryAt(summaryQuantiles(hundred), 0.33)).toThrow(RangeError);
  });
});

describe('the tail probability', () => {
  const summary = summaryQuantiles(hundred);

  it.each([
    [50, 1],
    [95, 0.1],
    [5, 0.1],
    [99, 0.02],
    [100.5, 2 / 102],
    [-1, 2 / 102],
  ])('of %d among 0…100 is %d', (value, expected) => {
    expect(tailProbability(summary, 101, value)).toBeCloseTo(expected, 10);
  });

  it('of the only value ever seen is 1, of any other the least there is', () => {
    const constant = summaryQuantiles(new Float64Array(1_000).fill(7));
    expect(tailProbability(constant, 1_000, 7)).toBe(1);
    expect(tailProbability(constant, 1_000, 8)).toBeCloseTo(2 / 1_001);
    expect(tailProbability(constant, 1_000, 6)).toBeCloseTo(2 / 1_001);
  });

  it('of a frequent value at the edge of the range is not small', () => {
    const mostlyZero = summaryQuantiles(Float64Array.from({ length: 1_000 }, (_, i) => Math.max(0, i - 600)).sort());
    expect(tailProbability(mostlyZero, 1_000, 0)).toBe(1);
  });
});
