import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { fieldStatistics } from '../../../../../core/detection/records/features/field-statistics.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { dataset } from '../orders.ts';

const of = (path: string, cells: readonly Cell[]) => fieldStatistics(dataset('d', { [path]: cells }))[0]!;

describe('the statistics of a field', () => {
  it('of numbers are moments over the values, nulls and missing keys counted apart', () => {
    expect(of('total', [2, 4, 4, 4, 5, 5, 7, 9, null, undefined])).toEqual({
      field: 'total',
      type: 'numeric',
      count: 10,
      nullCount: 1,
      missingCount: 1,
      uniqueCount: 5,
      averageLength: null,
      min: 2,
      max: 9,
      mean: 5,
      median: 4.5,
      standardDeviation: 2,
      topValues: [],
    });
  });

  it('of a few words are their counts, the most frequent first', () => {
    const cells = [
      ...Array<string>(30).fill('paid'),
      ...Array<string>(20).fill('open'),
      ...Array<string>(20).fill('void'),
    ];
    expect(of('status', cells)).toMatchObject({
      type: 'categorical',
      uniqueCount: 3,
      averageLength: 4,
      min: null,
      topValues: [
        { value: '"paid"', count: 30 },
        { value: '"open"', count: 20 },
        { value: '"void"', count: 20 },
      ],
    });
  });

  it('of flags count true and false, not zero and one (D9)', () => {
    expect(of('gift', [true, false, true])).toMatchObject({
      type: 'boolean',
      mean: null,
      topValues: [
        { value: 'true', count: 2 },
        { value: 'false', count: 1 },
      ],
    });
  });

  it('of dates in a column of any name are instants (D9)', () => {
    expect(of('x', ['2026-01-01', '2026-01-03'])).toMatchObject({
      type: 'timestamp',
      min: Date.UTC(2026, 0, 1),
      median: Date.UTC(2026, 0, 2),
    });
  });

  it('show no personal values', () => {
    const mails = Array.from({ length: 40 }, (_, i) => `person${i % 4}@example.com`);
    expect(of('contact', mails).topValues).toEqual([{ value: 'e-mail (hidden)', count: 40 }]);
    expect(of('phone', [442_079_460_958, 442_079_460_959])).toMatchObject({ min: null, max: null, mean: null });
    expect(of('last_name', ['Smith', 'Smith', 'Jones', 'Smith', 'Jones']).topValues).toEqual([
      { value: 'text of 5 characters', count: 5 },
    ]);
  });

  it('hold at most twenty values', () => {
    expect(
      of(
        'code',
        Array.from({ length: 1_000 }, (_, i) => `c${i % 150}`),
      ).topValues.length,
    ).toBe(20);
  });

  it('are finite at the ends of the number range', () => {
    const { min, max, mean, standardDeviation } = of('x', [
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Number.POSITIVE_INFINITY,
    ]);
    expect([min, max]).toEqual([-Number.MAX_VALUE, Number.MAX_VALUE]);
    for (const value of [mean, standardDeviation]) expect(value === null || Number.isFinite(value)).toBe(true);
  });

  // D8: one outlier among 0…6 made the original's histogram grow until the service stood still.
  it.each([60_000, 1e6, 1e18, 1e300])('are as small whatever the size of an outlier: %d', (outlier) => {
    const prng = createPrng('outlier');
    const [statistics] = fieldStatistics(
      dataset('d', { x: [...Array.from({ length: 120 }, () => prng.integer(7)), outlier] }),
    );
    expect(JSON.stringify(statistics).length).toBeLessThan(500);
    expect(statistics?.max).toBe(outlier);
  });

  it('of no records and of no columns are empty', () => {
    expect(of('x', [])).toMatchObject({ type: 'empty', count: 0, uniqueCount: 0 });
    expect(fieldStatistics(dataset('d', {}))).toEqual([]);
  });
});
