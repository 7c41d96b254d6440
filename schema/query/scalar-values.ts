import { unprocessable } from '../../core/domain/errors.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { SCALAR_FORMS } from '../../core/domain/scalar-form.ts';
import type { ScalarType } from './value-types.ts';

/** The wire form of an operand, null included; refuses what the type doesn't hold. Equal wire forms make `_eq` syntactic. */
export function readScalar(type: ScalarType, value: unknown, at: string): unknown {
  if (value === null || value === undefined) return null;
  const { read, expected } = SCALAR_FORMS[type.scalar];
  const wire = read(value);
  if (wire === undefined) throw unprocessable('BAD_SCALAR', `${preview(value)} is not ${expected}.`, { path: at });
  if (type.values && !type.values.includes(wire as string)) {
    throw unprocessable('BAD_ENUM_VALUE', `${preview(value)} is not one of ${type.values.join(', ')}.`, { path: at });
  }
  return wire;
}

/** Total order of two values of one kind, neither null: text by code point, as a binary collation does. */
export function compareScalars(kind: ScalarKind, a: unknown, b: unknown): number {
  switch (kind) {
    case 'int32':
    case 'int64':
    case 'float64':
      return compareNumbers(a as number | string, b as number | string);
    case 'boolean':
      return Number(a) - Number(b);
    case 'json':
      return compareText(canonicalJson(a), canonicalJson(b));
    default:
      return compareText(a as string, b as string);
  }
}

/** Numbers and decimal strings of whole numbers, which are compared exactly. */
function compareNumbers(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (Number.isInteger(Number(a)) && Number.isInteger(Number(b))) {
    const [x, y] = [BigInt(a), BigInt(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return Number(a) - Number(b);
}

/** JSON text in which two equal values are the same text: keys sorted, no white space. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => compareText(a, b)))
      : inner,
  );
}

/** Short text of a foreign value for a message. */
export function preview(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

/** UTF-16 order differs from code-point order where surrogates meet U+E000 and above. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
