import { describe, expect, it } from 'vitest';
import {
  formatApproximate,
  formatNumber,
  formatShare,
} from '../../../../../core/detection/records/features/number-text.ts';

describe('shown numbers', () => {
  it.each([
    [1_234_567, '1,234,567'],
    [1_234_567.891, '1,234,567.89'],
    [12.3456789, '12.3457'],
    [0.000001, '1.000e-6'],
    [1e21, '1.000e+21'],
    [0, '0'],
    [-12.5, '-12.5'],
  ])('%d as %j', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('keep the ends of a narrow range apart', () => {
    const said = (low: number, high: number) => [low, high].map((end) => formatApproximate(end, high - low));
    expect(said(1_780_270_812, 1_780_361_240)).toEqual(['1,780,271,000', '1,780,361,000']);
    expect(said(1_006.41, 1_019.77)).toEqual(['1,006', '1,020']);
    expect(said(-0.000_1234, 0.000_1234)).toEqual(['-0.000123', '0.000123']);
    expect(formatApproximate(7, 0)).toBe('7');
  });

  it('round ends of ranges to three digits and small shares to a bound', () => {
    expect([formatApproximate(145.94), formatApproximate(0), formatApproximate(20.5098)]).toEqual(['146', '0', '20.5']);
    expect(formatApproximate(16_123.45, 16_120)).toBe('16,100');
    expect([formatShare(0.123), formatShare(0), formatShare(0.0001), formatShare(1)]).toEqual([
      '12 %',
      '0 %',
      'less than 0.1 %',
      '100 %',
    ]);
  });
});
