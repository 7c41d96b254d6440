import { describe, expect, it } from 'vitest';
import {
  calibrate,
  publishedScore,
  pValue,
  scaled,
  scaleOf,
} from '../../../../core/detection/statistics/calibration.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';

const scores = (seed: string, n: number, draw = (u: number) => u) => {
  const prng = createPrng(seed);
  return Float64Array.from({ length: n }, () => draw(prng.uniform()));
};

describe('the p-value of a score', () => {
  it('counts the calibration scores at least as large', () => {
    const calibration = calibrate(Float64Array.of(0.1, 0.2, 0.3, 0.4));
    expect([0, 0.1, 0.25, 0.4, 0.5].map((score) => pValue(calibration, score))).toEqual([1, 1, 3 / 5, 2 / 5, 1 / 5]);
  });

  it('is 1 for a score that could not be computed, and where nothing was learnt', () => {
    expect(pValue(calibrate(Float64Array.of(0.1, 0.2)), Number.NaN)).toBe(1);
    expect(pValue(calibrate(new Float64Array()), 0.9)).toBe(1);
  });

  it('falls as the score rises, into and beyond the tail', () => {
    const calibration = calibrate(scores('monotone', 500, (u) => -Math.log(1 - u)));
    let last = 1;
    for (let score = 0; score < 40; score += 0.05) {
      const p = pValue(calibration, score);
      expect(p).toBeLessThanOrEqual(last);
      last = p;
    }
    expect(last).toBeLessThan(1 / 501);
    expect(last).toBeGreaterThan(0);
  });

  it('keeps its promise on fresh scores: P(p ≤ α) is α', () => {
    const calibration = calibrate(scores('calibration', 2_000));
    const fresh = scores('fresh', 50_000).map((score) => pValue(calibration, score));
    for (const alpha of [0.01, 0.05, 0.2]) {
      const rate = fresh.filter((p) => p <= alpha).length / fresh.length;
      expect(rate / alpha).toBeGreaterThan(0.6);
      expect(rate / alpha).toBeLessThan(1.5);
    }
  });
});

describe('the scale of scores', () => {
  it('puts the median at 0 and the 95 % point at 1', () => {
    const scale = scaleOf(Float64Array.from({ length: 101 }, (_, i) => i));
    expect([50, 95, 140].map((score) => scaled(scale, score))).toEqual([0, 1, 2]);
    expect(scaled(scale, Number.NaN)).toBe(0);
  });

  it('exists for constant and for no scores', () => {
    expect(scaled(scaleOf(new Float64Array(50).fill(2)), 3)).toBe(1);
    expect(scaled(scaleOf(new Float64Array()), 3)).toBe(3);
  });
});

describe('the published score', () => {
  it('is 0.5 at a p-value of 0.5, 0.75 at 0.05, and lies within 0–1 for every other', () => {
    expect(publishedScore(0.5, 0)).toBe(0.5);
    expect(publishedScore(0.05, 0)).toBeCloseTo(0.75);
    for (const p of [2, 1, 1e-3, 1e-6]) {
      expect(publishedScore(p, 0.5)).toBeGreaterThan(0);
      expect(publishedScore(p, 0.5)).toBeLessThan(1);
    }
  });

  it('falls with p, and rises with the position where p is equal', () => {
    expect(publishedScore(1e-4, 0)).toBeGreaterThan(publishedScore(1.001e-4, 1));
    expect(publishedScore(1e-6, 0.999)).toBeGreaterThan(publishedScore(1e-6, 0.998));
  });
});
