import { describe, expect, it } from 'vitest';
import { fitParetoTail, paretoExceedance } from '../../../../core/detection/records/generalised-pareto.ts';
import { createPrng } from '../../../../core/detection/records/prng.ts';

const scores = (seed: string, n: number, draw = (u: number) => u) => {
  const prng = createPrng(seed);
  return Float64Array.from({ length: n }, () => draw(prng.uniform()));
};

describe('the Pareto tail', () => {
  it('is found again by probability-weighted moments', () => {
    // Excesses over 0 drawn from the distribution itself: shape 0.2, scale 2.
    const sample = scores('pareto', 20_000, (u) => (2 / 0.2) * ((1 - u) ** -0.2 - 1)).sort();
    const tail = fitParetoTail(sample);
    expect(tail?.shape).toBeGreaterThan(0.05);
    expect(tail?.shape).toBeLessThan(0.35);
    for (const p of [0.01, 0.001, 0.0001]) {
      const exact = (2 / 0.2) * (p ** -0.2 - 1);
      expect(paretoExceedance(tail!, exact) / p).toBeGreaterThan(0.4);
      expect(paretoExceedance(tail!, exact) / p).toBeLessThan(2.5);
    }
  });

  it('ends where a bounded one does', () => {
    const tail = fitParetoTail(scores('bounded', 5_000).sort());
    expect(tail?.shape).toBeLessThan(0);
    expect(paretoExceedance(tail!, 2)).toBe(0);
  });

  it('is not invented for few or equal scores', () => {
    expect(fitParetoTail(scores('few', 90).sort())).toBeUndefined();
    expect(fitParetoTail(new Float64Array(5_000).fill(3))).toBeUndefined();
    expect(fitParetoTail(Float64Array.from({ length: 5_000 }, (_, i) => i % 2).sort())).toBeUndefined();
  });
});
