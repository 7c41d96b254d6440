import { describe, expect, it } from 'vitest';
import { addToSample, createSample } from '../../../../core/detection/patterns/sample.ts';
import { upperTail } from '../../../../core/detection/patterns/upper-tail.ts';
import type { Random } from '../../../../server/demo/random.ts';
import { createRandom } from '../../../../server/demo/random.ts';

function sampleOf(values: readonly number[], leastScale = 0.15) {
  const sample = createSample(1_000, leastScale);
  for (const value of values) addToSample(sample, value);
  return sample;
}

const QUANTITIES = {
  uniform: (random: Random) => Math.floor(160 * random.next()),
  exponential: (random: Random) => -100 * Math.log(1 - random.next()),
  'log-normal': (random: Random) => Math.exp(3 + random.normal()),
  Pareto: (random: Random) => 10 * (1 - random.next()) ** -0.5,
};

describe('the upper tail', () => {
  it('is the order statistic within the sample', () => {
    const sample = sampleOf(
      Array.from({ length: 99 }, (_, i) => i + 1),
      0.1,
    );
    expect(upperTail(sample, 90)).toBeCloseTo(11 / 100);
    expect(upperTail(sample, 1)).toBe(1);
  });

  it('falls beyond the largest value, and is 1 without any', () => {
    const sample = sampleOf(
      Array.from({ length: 99 }, (_, i) => i + 1),
      0.1,
    );
    const [near, far] = [upperTail(sample, 110), upperTail(sample, 10_000)];
    expect(near).toBeLessThanOrEqual(0.01);
    expect(far).toBeLessThan(near / 100);
    expect(upperTail(createSample(10, 0.1), 5)).toBe(1);
  });

  it('does not make everything impossible after a constant history', () => {
    const sample = sampleOf(Array.from({ length: 100 }, () => 10));
    expect(upperTail(sample, 11)).toBeGreaterThan(0.005);
  });

  it.each(Object.entries(QUANTITIES))('stays within the rate for a clean %s quantity', (kind, draw) => {
    const random = createRandom(kind);
    const rate = 0.002;
    let flagged = 0;
    const tests = 20_000;
    let sample = sampleOf([]);
    for (let i = 0; i < tests; i++) {
      if (i % 200 === 0) sample = sampleOf(Array.from({ length: 128 }, () => draw(random)));
      if (upperTail(sample, draw(random)) <= rate) flagged++;
    }
    expect(flagged / tests).toBeLessThan(1.7 * rate);
  });

  it.each([
    ['uniform', 4],
    ['exponential', 5],
  ] as const)('finds %s values far beyond the largest', (kind, times) => {
    const random = createRandom(kind);
    for (let i = 0; i < 20; i++) {
      const values = Array.from({ length: 256 }, () => QUANTITIES[kind](random));
      expect(upperTail(sampleOf(values, 0.2), times * Math.max(...values))).toBeLessThan(0.0007);
    }
  });
});
