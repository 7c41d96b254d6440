import { describe, expect, it } from 'vitest';
import {
  addToSample,
  createSample,
  holdBack,
  quantileOf,
  upperTail,
} from '../../../../core/detection/patterns/sample.ts';
import { chanceOfNews, createSeenTable, noteSeen } from '../../../../core/detection/patterns/seen-table.ts';
import { DAY } from '../../../../core/domain/time.ts';
import { createRandom } from '../../../../server/demo/random.ts';

function sampleOf(values: readonly number[], capacity = 1_000) {
  const sample = createSample(capacity);
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

  it('never holds more than 32 back', () => {
    const sample = sampleOf([1]);
    for (let i = 0; i < 100; i++) holdBack(sample, 9, i);
    expect(sample.held).toHaveLength(32);
  });

  it('has quantiles, 0 when empty', () => {
    expect(quantileOf(sampleOf([]), 0.5)).toBe(0);
    expect([0, 0.5, 1].map((share) => quantileOf(sampleOf([3, 1, 2]), share))).toEqual([1, 2, 3]);
  });
});

describe('the upper tail', () => {
  it('is the order statistic within the sample', () => {
    const sample = sampleOf(Array.from({ length: 99 }, (_, i) => i + 1));
    expect(upperTail(sample, 90, 0.1)).toBeCloseTo(11 / 100);
    expect(upperTail(sample, 1, 0.1)).toBe(1);
  });

  it('falls beyond the largest value, and is 1 without any', () => {
    const sample = sampleOf(Array.from({ length: 99 }, (_, i) => i + 1));
    const [near, far] = [upperTail(sample, 110, 0.1), upperTail(sample, 10_000, 0.1)];
    expect(near).toBeLessThanOrEqual(0.01);
    expect(far).toBeLessThan(near / 100);
    expect(upperTail(createSample(10), 5, 0.1)).toBe(1);
  });

  it('does not make everything impossible after a constant history', () => {
    const sample = sampleOf(Array.from({ length: 100 }, () => 10));
    expect(upperTail(sample, 11, 0.15)).toBeGreaterThan(0.005);
  });

  it.each(['exponential', 'log-normal'] as const)('stays within the rate for a clean %s quantity', (kind) => {
    const random = createRandom(kind);
    const draw = (): number =>
      kind === 'exponential' ? -100 * Math.log(1 - random.next()) : Math.exp(3 + random.normal());
    const rate = 0.001;
    let flagged = 0;
    const tests = 20_000;
    let sample = sampleOf([]);
    for (let i = 0; i < tests; i++) {
      if (i % 200 === 0) sample = sampleOf(Array.from({ length: 128 }, draw));
      if (upperTail(sample, draw(), 0.15) <= rate) flagged++;
    }
    expect(flagged / tests).toBeLessThan(2 * rate);
  });
});

describe('a table of the seen', () => {
  it("knows the chance of news by Turing's estimate", () => {
    const table = createSeenTable(10);
    for (const name of ['a', 'a', 'b', 'c', 'c', 'c']) noteSeen(table, name, 0, false);
    expect(chanceOfNews(table, 6)).toBeCloseTo(1 / 6);
    expect(chanceOfNews(createSeenTable(10), 0)).toBe(1);
  });

  it('forgets the least recently seen and its count', () => {
    const table = createSeenTable(2);
    for (const name of ['a', 'b', 'a', 'c']) noteSeen(table, name, 0, false);
    expect([...table.counts.keys()]).toEqual(['a', 'c']);
    expect(table.seenOnce).toBe(1);
  });

  it('does not take reported names for a habit of news before the third day of reports', () => {
    const table = createSeenTable(10);
    const onceSeen = ['a', 'b', 'c', 'd'].map((name, i) => {
      noteSeen(table, name, Math.floor(i / 2) * DAY, true);
      return table.seenOnce;
    });
    noteSeen(table, 'a', DAY, false);
    noteSeen(table, 'e', 2 * DAY, true);
    expect([...onceSeen, table.seenOnce]).toEqual([0, 0, 0, 0, 4]);
    expect(table.counts.get('a')).toBe(2);
  });
});
