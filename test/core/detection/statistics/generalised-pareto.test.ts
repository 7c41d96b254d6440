import { describe, expect, it } from 'vitest';
import { fitParetoTail, paretoExceedance } from '../../../../core/detection/statistics/generalised-pareto.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';

const scores = (seed: string, n: number, draw = (u: number) => u) => {
  const prng = createPrng(seed);
  return Float64Array.from({ length: n }, () => draw(prng.uniform()));
};

/** Share of the uniform numbers from the first on that is claimed. */
function shareBeyond(isClaimed: (u: number) => boolean): number {
  let [low, high] = [0.9, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (isClaimed(middle)) high = middle;
    else low = middle;
  }
  return 1 - high;
}

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

  it.each<[string, (u: number) => number]>([
    ['bounded', (u) => u],
    ['bounded with a thin end', (u) => 1 - (1 - u) ** 0.25],
    ['exponential', (u) => -Math.log(1 - u)],
    ['log-normal', (u) => Math.exp(Math.sqrt(-2 * Math.log(1 - u)))],
  ])('claims one in 10,000 of no more scores than that: %s', (name, draw) => {
    for (const n of [300, 1_000]) {
      const rates = Array.from({ length: 60 }, (_, i) => {
        const tail = fitParetoTail(scores(`${name}/${n}/${i}`, n, draw).sort());
        return shareBeyond((u) => paretoExceedance(tail!, draw(u)) <= 1e-4);
      });
      expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeLessThan(5e-4);
    }
  });

  it('never calls a score impossible', () => {
    const tail = fitParetoTail(scores('bounded', 5_000).sort());
    expect(tail?.shape).toBe(0);
    expect(paretoExceedance(tail!, 2)).toBeGreaterThan(0);
  });

  it('is not invented for few or equal scores', () => {
    expect(fitParetoTail(scores('few', 90).sort())).toBeUndefined();
    expect(fitParetoTail(new Float64Array(5_000).fill(3))).toBeUndefined();
    expect(fitParetoTail(Float64Array.from({ length: 5_000 }, (_, i) => i % 2).sort())).toBeUndefined();
  });
});
