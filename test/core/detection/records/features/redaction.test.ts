import { describe, expect, it } from 'vitest';
import type { ColumnKind } from '../../../../../core/detection/records/features/column-kind.ts';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { redactedText } from '../../../../../core/detection/records/features/redaction.ts';

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
    ['status', 'categorical', '555-123-4567'],
    ['address.city', 'categorical', 'Graz'],
    ['disability', 'boolean', true],
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
});
