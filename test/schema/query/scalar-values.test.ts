import { describe, expect, it } from 'vitest';
import type { ScalarKind } from '../../../core/domain/kind.ts';
import { EXTRACTION_FUNCTIONS } from '../../../schema/query/extraction-functions.ts';
import { canonicalJson, compareScalars, readScalar } from '../../../schema/query/scalar-values.ts';

describe('readScalar', () => {
  it.each<[ScalarKind, unknown, unknown]>([
    ['uuid', '0190ABCD-0000-7000-8000-00000000000F', '0190abcd-0000-7000-8000-00000000000f'],
    ['int64', 12, '12'],
    ['int64', '007', '7'],
    ['int64', '-9223372036854775808', '-9223372036854775808'],
    ['float64', -0, 0],
    ['timestamp', '2025-01-01', '2025-01-01T00:00:00.000Z'],
    ['timestamp', '2025-01-01 10:00', '2025-01-01T10:00:00.000Z'],
    ['timestamp', '2025-01-01T10:00:00.123999', '2025-01-01T10:00:00.123Z'],
    ['timestamp', '2025-01-01T00:30:00+0100', '2024-12-31T23:30:00.000Z'],
    ['string', null, null],
  ])('reads %s %j as %j', (scalar, value, wire) => {
    expect(readScalar({ scalar }, value, 'here')).toBe(wire);
  });

  it.each<[ScalarKind, unknown]>([
    ['int64', '9223372036854775808'],
    ['int64', '1.0'],
    ['int32', 1.5],
    ['boolean', 1],
    ['timestamp', 'yesterday'],
    ['timestamp', '2025-01-01T25:00:00Z'],
    ['timestamp', 1_700_000_000_000],
    ['string', '\ud800'],
    ['string', 5],
  ])('refuses %s %j', (scalar, value) => {
    expect(() => readScalar({ scalar }, value, 'here')).toThrow(
      expect.objectContaining({ kind: 'unprocessable', path: 'here' }),
    );
  });
});

describe('compareScalars', () => {
  it('orders text by code point, beyond the basic plane too', () => {
    const sorted = ['\u{1f3b5}', '\uff41', 'a', 'B', '', 'ab'].sort((a, b) => compareScalars('string', a, b));
    expect(sorted).toEqual(['', 'B', 'a', 'ab', '\uff41', '\u{1f3b5}']);
  });

  it('compares 64-bit numbers exactly, and numbers of two kinds', () => {
    expect(compareScalars('int64', '9007199254740993', '9007199254740992')).toBeGreaterThan(0);
    expect(compareScalars('int64', '10', '9')).toBeGreaterThan(0);
    expect(compareScalars('float64', 1.5, '1')).toBeGreaterThan(0);
  });
});

describe('canonicalJson', () => {
  it('is the same text for the same value', () => {
    expect(canonicalJson({ b: 1, a: { d: null, c: [2] } })).toBe(canonicalJson({ a: { c: [2], d: null }, b: 1 }));
  });
});

describe('extraction', () => {
  it.each([
    ['week', '2024-12-30T00:00:00Z', 1],
    ['week', '2021-01-03T23:00:00Z', 53],
    ['week', '2026-01-01T00:00:00Z', 1],
    ['quarter', '2024-10-01T00:00:00Z', 4],
    ['day_of_week', '2024-12-29T12:00:00Z', 0],
    ['day_of_year', '2024-12-31T00:00:00Z', 366],
    ['millisecond', '1969-12-31T23:59:59.250Z', 250],
    ['start_of_day', '1969-12-31T23:59:59.250Z', '1969-12-31T00:00:00.000Z'],
    ['start_of_hour', '2024-12-31T05:59:00Z', '2024-12-31T05:00:00.000Z'],
  ] as const)('%s of %s is %s', (name, at, expected) => {
    expect(EXTRACTION_FUNCTIONS[name].extract(new Date(at))).toBe(expected);
  });
});
