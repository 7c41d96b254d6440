import { describe, expect, it } from 'vitest';
import { correlationOf, strongCorrelations } from '../../../../core/detection/statistics/correlations.ts';
import { matrixOf } from '../../../support/matrices.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';
import { finish } from '../../../../core/domain/steps.ts';

describe('correlations', () => {
  it('agree with a hand-computed one', () => {
    const found = correlationOf(
      matrixOf([
        [1, 2],
        [2, 1],
        [3, 4],
        [4, 3],
      ]),
      0,
      1,
    );
    expect(found?.r).toBeCloseTo(0.6);
    expect(found?.records).toBe(4);
  });

  // D9: columns with nulls removed one by one had different lengths, and all correlations were dropped.
  it('are taken over records in which both values are present', () => {
    const found = correlationOf(
      matrixOf([
        [1, 2],
        [Number.NaN, 50],
        [2, 4],
        [90, Number.NaN],
        [3, 6],
      ]),
      0,
      1,
    );
    expect(found?.r).toBeCloseTo(1);
    expect(found?.records).toBe(3);
  });

  it('do not exist for a constant', () => {
    expect(
      correlationOf(
        matrixOf([
          [1, 1],
          [1, 2],
          [1, 3],
        ]),
        0,
        1,
      ),
    ).toBeUndefined();
  });

  it('are kept where strong', () => {
    const prng = createPrng('correlations');
    const rows = Array.from({ length: 200 }, () => {
      const x = prng.uniform();
      return [x, -x + prng.uniform() / 10, prng.uniform()];
    });
    const kept = finish(strongCorrelations(matrixOf(rows)));
    expect(kept.map(({ a, b }) => [a, b])).toEqual([[0, 1]]);
    expect(kept[0]?.r).toBeLessThan(-0.9);
  });
});
