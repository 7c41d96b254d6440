import { describe, expect, it } from 'vitest';
import type { ColumnKind } from '../../../../core/detection/records/column-kind.ts';
import type { Cell } from '../../../../core/domain/observation.ts';
import {
  formatApproximate,
  formatNumber,
  formatShare,
  isCardNumber,
  isPersonalName,
  redactedText,
} from '../../../../core/detection/records/redaction.ts';

describe('the shown text of a value', () => {
  it.each<[string, ColumnKind, Cell, string | null]>([
    ['total', 'numeric', 98_400, '98,400'],
    ['total', 'numeric', '12.50', '"12.50"'],
    ['status', 'categorical', 'refunded', '"refunded"'],
    ['gift', 'boolean', true, 'true'],
    ['note', 'text', null, 'null'],
    ['note', 'text', undefined, null],
    ['tags', 'nested', [1, 2], 'list of 2'],
    ['created_at', 'timestamp', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
  ])('of %s (%s) %j is %j', (path, kind, cell, expected) => {
    expect(redactedText(path, kind, cell)).toBe(expected);
  });

  it.each<[string, ColumnKind, Cell]>([
    ['status', 'categorical', 'anna.smith@example.com'],
    ['status', 'categorical', 'write to anna.smith@example.com'],
    ['status', 'categorical', '+44 20 7946 0958'],
    ['status', 'categorical', '4111 1111 1111 1111'],
    ['status', 'categorical', 'DE89370400440532013000'],
    ['status', 'categorical', '123-45-6789'],
    ['status', 'categorical', '192.168.100.200'],
    ['number', 'numeric', 4_111_111_111_111_111],
    ['phone', 'numeric', 442_079_460_958],
    ['customer.lastName', 'categorical', 'Smith'],
    ['date_of_birth', 'timestamp', '1980-01-02'],
    ['id', 'identifier', '3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
    ['note', 'text', 'Anna called again'],
    ['status', 'categorical', 'x'.repeat(41)],
  ])('of %s (%s) hides %j', (path, kind, cell) => {
    const shown = redactedText(path, kind, cell) as string;
    expect(shown).toMatch(/^[a-zA-Z-]+( [a-zA-Z]+)*( of [\d,]+ characters| \(hidden\))?$/);
    expect(shown).not.toContain(String(cell));
  });

  it('knows personal columns by name, in either case', () => {
    expect(
      ['email', 'customer.email', 'homePhone', 'home_phone', 'BillingAddress', 'card_number'].map(isPersonalName),
    ).toEqual(Array(6).fill(true));
    expect(['total', 'emailed', 'status', 'discard', 'milliseconds'].map(isPersonalName)).toEqual(Array(5).fill(false));
  });

  it('knows card numbers by their check digit', () => {
    expect(['4111111111111111', '378282246310005', '4111111111111112', '411', ''].map(isCardNumber)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

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
