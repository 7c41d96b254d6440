import { expect, it } from 'vitest';
import { benjaminiHochberg } from '../../../../core/detection/statistics/benjamini-hochberg.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';
import { simesPValue } from '../../../../core/detection/statistics/simes.ts';

it.each([
  [[], 1],
  [[0.01], 0.01],
  [[0.04, 0.01], 0.02],
  [[0.02, 0.02, 0.02, 0.02], 0.02],
  [[0.001, 0.9, 0.9, 0.9], 0.004],
])('of %j is %d', (pValues, expected) => {
  expect(simesPValue(pValues)).toBeCloseTo(expected, 12);
});

it('is within a rate exactly when Benjamini and Hochberg reject something at it', () => {
  const prng = createPrng('simes');
  for (let run = 0; run < 200; run++) {
    const pValues = Array.from({ length: 10 }, () => prng.uniform() ** 2);
    expect(simesPValue(pValues) <= 0.1).toBe(benjaminiHochberg(pValues, 0.1).length > 0);
  }
});
