import { describe, expect, it } from 'vitest';
import { formatApproximate, formatNumber, formatShare } from '../../../../core/detection/records/number-text.ts';

describe('shown numbers', () => {
  it.each([
    [1_234_567, '1,234,570'],
    [0.000001, '1.000e-6'],
    [1e21, '1.000e+21'],
    [0, '0'],
    [-12.5, '-12.5'],
  ])('%d as %j', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('round ends of ranges to three digits and small shares to a bound', () => {
    expect([formatApproximate(145.94), formatApproximate(0), formatApproximate(20.5098)]).toEqual(['146', '0', '20.5']);
    expect([formatShare(0.123), formatShare(0), formatShare(0.0001), formatShare(1)]).toEqual([
      '12 %',
      '0 %',
      'less than 0.1 %',
      '100 %',
    ]);
  });
});
