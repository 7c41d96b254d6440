import { describe, expect, it } from 'vitest';
import type { ScalarKind } from '../../../core/domain/kind.ts';
import { SCALAR_FORMS, unstorablePlace } from '../../../core/domain/scalar-form.ts';

describe('the forms of scalars', () => {
  it.each<[ScalarKind, unknown, unknown]>([
    ['int32', -2_147_483_648, -2_147_483_648],
    ['int32', 2_147_483_647, 2_147_483_647],
    ['timestamp', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['timestamp', '9999-12-31T23:59:59.999999+00:00', '9999-12-31T23:59:59.999Z'],
    ['timestamp', '2026-03-10t12:00:00z', '2026-03-10T12:00:00.000Z'],
    ['json', { a: ['x'] }, { a: ['x'] }],
  ])('read %s %j as %j', (kind, value, wire) => {
    expect(SCALAR_FORMS[kind].read(value)).toEqual(wire);
  });

  it.each<[ScalarKind, unknown]>([
    ['int32', -2_147_483_649],
    ['int32', 2_147_483_648],
    ['timestamp', '0000-12-31T23:59:59Z'],
    ['timestamp', '0001-01-01T00:00:00+14:00'],
    ['timestamp', '9999-12-31T23:59:59-14:00'],
    ['timestamp', '2026-02-30T00:00:00Z'],
    ['string', 'a\0'],
    ['json', { a: ['\0'] }],
  ])('refuse %s %j', (kind, value) => {
    expect(SCALAR_FORMS[kind].read(value)).toBeUndefined();
  });
});

it.each([
  [{ a: { b: ['', '\0'] } }, '.a.b[1]'],
  [{ a: { 'b\0': 1 } }, '.a'],
  ['\ud800', ''],
  [{ a: null }, undefined],
])('the place of what can not be stored in %j is %j', (value, place) => {
  expect(unstorablePlace(value)).toBe(place);
});
