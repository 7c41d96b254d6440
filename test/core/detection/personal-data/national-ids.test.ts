import { describe, expect, it } from 'vitest';
import {
  personalKindOfCells,
  personalValueOf,
  withoutPersonalValues,
} from '../../../../core/detection/personal-data/personal-values.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';

describe('national ids', () => {
  it.each([
    ['of the United States', '536-90-4399'],
    ['of the United Kingdom', 'AB123456C'],
    ['of the United Kingdom, with blanks', 'AB 12 34 56 C'],
    ['of Brazil', '111.444.777-35'],
    ['of Brazil, bare', '52998224725'],
    ['of Spain', '12345678Z'],
    ['of Spain, for foreigners', 'X1234567L'],
    ['of France', '2 55 08 14 168 025 38'],
    ['of France, bare', '255081416802538'],
    ['of Corsica', '1 80 01 2A 001 001 61'],
    ['of Sweden', '811218-9876'],
    ['of Sweden, with the century', '19811218-9876'],
    ['of Germany', '86095742719'],
    ['of Germany, with blanks', '86 095 742 719'],
  ])('%s are recognised: %s', (_, text) => {
    expect(personalValueOf(text)).toBe('national id');
    expect(withoutPersonalValues(`id ${text}, checked`)).toBe('id [national id], checked');
  });

  it.each([
    ['an area that is never given out', '666-90-4399'],
    ['a prefix that is never given out', 'GB123456C'],
    ['another check digit', '111.444.777-36'],
    ['one digit eleven times', '111.111.111-11'],
    ['another check letter', '12345678A'],
    ['another check letter', 'X1234567M'],
    ['another key', '2 55 08 14 168 025 39'],
    ['another check digit', '811218-9877'],
    ['a month 13', '811318-9875'],
    ['another check digit', '86095742718'],
    ['all digits different', '12345678903'],
  ])('with %s are not: %s', (_, text) => {
    expect(personalValueOf(text)).toBeNull();
  });

  it('are hardly ever found among integers, and never take a column of counters', () => {
    const random = createPrng('integers');
    for (const digits of [8, 9, 10, 11, 12]) {
      const integers = Array.from({ length: 5_000 }, () =>
        String(Math.floor((0.1 + 0.9 * random.uniform()) * 10 ** digits)),
      );
      const taken = integers.filter((text) => personalValueOf(text) === 'national id');
      expect(taken.length / integers.length).toBeLessThan(0.02);
      const counters = Array.from({ length: 20 }, (_, i) => String(Number(integers[0]) + i));
      expect(personalKindOfCells(counters)).toBeNull();
    }
  });
});
