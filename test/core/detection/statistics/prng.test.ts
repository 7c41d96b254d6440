import { describe, expect, it } from 'vitest';
import { createPrng, sampleWithoutReplacement } from '../../../../core/detection/statistics/prng.ts';

describe('the generator', () => {
  it('gives the same numbers for the same seed, in every process', () => {
    const prng = createPrng('orders/1');
    // Fixed numbers: a change would make every stored seed mean another model.
    expect([prng.integer(1_000), prng.integer(1_000), prng.integer(1_000), prng.integer(1_000)]).toMatchInlineSnapshot(`
      [
        584,
        126,
        476,
        264,
      ]
    `);
  });

  it('gives unrelated numbers for seeds that differ in one letter', () => {
    const [a, b] = [createPrng('orders/1'), createPrng('orders/2')];
    const equal = Array.from({ length: 1_000 }, () => a.integer(16) === b.integer(16)).filter(Boolean).length;
    expect(equal).toBeGreaterThan(30);
    expect(equal).toBeLessThan(100);
  });

  it('is uniform: chi-square of 100 cells within five standard deviations', () => {
    const prng = createPrng('uniform');
    const counts = new Float64Array(100);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(prng.uniform() * 100)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
    expect(chiSquare).toBeGreaterThan(99 - 5 * Math.sqrt(198));
    expect(chiSquare).toBeLessThan(99 + 5 * Math.sqrt(198));
  });

  it('samples without replacement', () => {
    const sample = sampleWithoutReplacement(createPrng('sample'), 1_000, 300);
    expect(new Set(sample).size).toBe(300);
    expect(Math.min(...sample)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...sample)).toBeLessThan(1_000);
    expect(sampleWithoutReplacement(createPrng('all'), 5, 5).sort()).toEqual(Int32Array.of(0, 1, 2, 3, 4));
  });
});
