import { describe, expect, it } from 'vitest';
import { benjaminiHochberg } from '../../../../core/detection/statistics/benjamini-hochberg.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';

describe('Benjamini–Hochberg', () => {
  it('rejects the first four of the fifteen p-values of the original paper at 0.05', () => {
    // Benjamini and Hochberg (1995), section 4: Bonferroni would reject three.
    const published = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
    ];
    expect(benjaminiHochberg(published, 0.05)).toEqual([0, 1, 2, 3]);
    expect(benjaminiHochberg(published.toReversed(), 0.05)).toEqual([11, 12, 13, 14]);
  });

  it('rejects all below a later p-value that passes', () => {
    expect(benjaminiHochberg([0.04, 0.041, 0.045], 0.05)).toEqual([0, 1, 2]);
  });

  it('rejects nothing of nothing', () => {
    expect(benjaminiHochberg([], 0.1)).toEqual([]);
    expect(benjaminiHochberg([0.5, 0.9], 0.1)).toEqual([]);
  });

  it('flags a response of 50 normal records in at most the given share of responses', () => {
    const prng = createPrng('responses');
    const alarms = Array.from({ length: 2_000 }, () =>
      benjaminiHochberg(
        Float64Array.from({ length: 50 }, () => prng.uniform()),
        0.1,
      ),
    ).filter((flagged) => flagged.length > 0).length;
    expect(alarms / 2_000).toBeLessThan(0.12);
    expect(alarms / 2_000).toBeGreaterThan(0.07);
  });
});
