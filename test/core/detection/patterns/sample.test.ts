import { describe, expect, it } from 'vitest';
import { addToSample, createSample, holdBack, quantileOf } from '../../../../core/detection/patterns/sample.ts';
import { DAY } from '../../../../core/domain/time.ts';

function sampleOf(values: readonly number[], capacity = 1_000) {
  const sample = createSample(capacity, 0.2);
  for (const value of values) addToSample(sample, value);
  return sample;
}

describe('a sample', () => {
  it('keeps the most recent values', () => {
    expect(sampleOf([1, 2, 3, 4, 5], 3).values.toSorted((a, b) => a - b)).toEqual([3, 4, 5]);
  });

  it('holds flagged values back until they recurred on three days', () => {
    const sample = sampleOf([1]);
    holdBack(sample, 9, 0);
    holdBack(sample, 9, DAY);
    expect(sample.values).toEqual([1]);
    holdBack(sample, 9, 2 * DAY);
    expect(sample.values).toEqual([1, 9, 9, 9]);
    expect(sample.held).toEqual([]);
  });

  it('holds the largest ten of a day back, and so releases what comes a hundred times a day on the third', () => {
    const sample = sampleOf([1]);
    for (let i = 0; i < 100; i++) holdBack(sample, i, i);
    expect(sample.held.map(({ value }) => value)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
    for (let i = 0; i < 100; i++) holdBack(sample, i, DAY + i);
    expect(sample.held).toHaveLength(20);
    holdBack(sample, 9, 2 * DAY);
    expect(sample.held).toEqual([]);
    expect(sample.values).toHaveLength(22);
  });

  it('has quantiles, 0 when empty', () => {
    expect(quantileOf(sampleOf([]), 0.5)).toBe(0);
    expect([0, 0.5, 1].map((share) => quantileOf(sampleOf([3, 1, 2]), share))).toEqual([1, 2, 3]);
  });
});
