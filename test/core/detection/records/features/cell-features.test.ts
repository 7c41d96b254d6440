import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import {
  cellFeature,
  isText,
  numericText,
  timeText,
} from '../../../../../core/detection/records/features/cell-features.ts';
import { hash } from '../orders.ts';

const feature = (cell: Cell) => cellFeature(cell, hash);

describe('the feature of a cell', () => {
  it.each<[string, Cell, unknown]>([
    ['a number', 12.5, 12.5],
    ['a number JSON has no word for', Number.POSITIVE_INFINITY, 'Infinity'],
    ['true', true, true],
    ['null', null, null],
    ['a key the record lacks', undefined, '-'],
    ['an empty list', [], [0, 0, null, null]],
    ['a list of numbers', [3, 1, 3], [3, 2, 1, 3]],
    ['a list of objects', [{}, {}], [2, 0, null, null]],
  ])('keeps %s', (_, cell, expected) => {
    expect(feature(cell)).toEqual(expected);
  });

  it('of a text holds no part of the text', () => {
    const stored = JSON.stringify(feature('Anna Smith, +44 20 7946 0958'));
    expect(stored).not.toMatch(/anna|smith|7946/i);
    expect(feature('paid')).toEqual([hash('paid'), 4, 'a', 0, 0, 0]);
  });

  it('survives storage as JSON unchanged', () => {
    for (const cell of [1e-7, -0.1, 'x', '2026-01-02T03:04:05Z', '12.50', [1, 2], null, true, undefined] as Cell[]) {
      expect(JSON.parse(JSON.stringify(feature(cell)))).toEqual(feature(cell));
    }
  });

  it.each(['0', '-1', '12.50', '1e3', '12345678901234567890'])('reads %j as a number', (text) => {
    const found = feature(text);
    expect(isText(found) && numericText(found)).toBe(Number(text));
  });

  // D5: the original passed such texts to a conversion that threw, and never analysed their records.
  it.each(['555-1234', '192.168.0.1', '1.2.3', '000-00-0000', '007', '--', '-', '.', '1-', 'NaN', '1_000', '0x10', ''])(
    'does not read %j as a number or a time, nor fail on it',
    (text) => {
      const found = feature(text);
      expect(isText(found) && [numericText(found), timeText(found)]).toEqual([undefined, undefined]);
    },
  );

  it.each([
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02 03:04:05', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02T03:04:05.123456+02:00', Date.UTC(2026, 0, 2, 1, 4, 5, 123)],
    ['2026-01-02T03:04:05+0200', Date.UTC(2026, 0, 2, 1, 4, 5)],
  ])('reads %j as a time, in UTC where no offset is named', (text, at) => {
    const found = feature(text);
    expect(isText(found) && timeText(found)).toBe(at);
  });
});
