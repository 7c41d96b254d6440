import { unprocessable } from '../../core/domain/errors.ts';
import { formatInstant } from '../../core/domain/time.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';
import type { ScalarType } from './value-types.ts';

type ReadScalar = (value: unknown) => unknown;

const INT32_MAX = 2 ** 31 - 1;
const INT64_MAX = 2n ** 63n - 1n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?(Z|z|[+-]\d{2}:?\d{2})?)?$/;

/** Kind → wire form of an acceptable operand, or undefined. Comparing wire forms is what makes `_eq` syntactic. */
const READ: Record<ScalarKind, ReadScalar> = {
  // U+0000 and lone surrogates: PostgreSQL can't hold either.
  string: (value) => (typeof value === 'string' && value.isWellFormed() && !value.includes('\0') ? value : undefined),
  uuid: (value) => (typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined),
  int32: (value) =>
    typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= INT32_MAX ? value + 0 : undefined,
  int64: readInt64,
  float64: (value) => (typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  timestamp: readTimestamp,
  json: (value) => value,
};

const EXPECTED: Record<ScalarKind, string> = {
  string: 'a string of Unicode text',
  uuid: 'a UUID',
  int32: 'a whole number of 32 bits',
  int64: 'a whole number of 64 bits, as a string',
  float64: 'a finite number',
  boolean: 'true or false',
  timestamp: 'an RFC 3339 date and time',
  json: 'a JSON value',
};

/** The wire form of an operand, null included; refuses what the type doesn't hold. */
export function readScalar(type: ScalarType, value: unknown, at: string): unknown {
  if (value === null || value === undefined) return null;
  const wire = READ[type.scalar](value);
  if (wire === undefined) {
    throw unprocessable('BAD_SCALAR', `${preview(value)} is not ${EXPECTED[type.scalar]}.`, { path: at });
  }
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
  const text = JSON.stringify(value) ?? typeof value;
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

/** Numbers are taken while they are exact; the wire form is always the decimal string. */
function readInt64(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value + 0) : undefined;
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return undefined;
  const big = BigInt(value);
  return big <= INT64_MAX && big >= -INT64_MAX - 1n ? String(big) : undefined;
}

/** Without an offset UTC is meant; what is finer than a millisecond is cut off. */
function readTimestamp(value: unknown): string | undefined {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null;
  if (!match) return undefined;
  const [, day, time = '00:00:00', fraction = '', offset = 'Z'] = match;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const zone = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase();
  const at = Date.parse(`${day}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  if (Number.isNaN(at)) return undefined;
  const wire = formatInstant(at);
  return wire.length === 24 && isRealDay(day as string) ? wire : undefined;
}

/** `Date.parse` takes 30 February for 1 March. */
function isRealDay(day: string): boolean {
  return formatInstant(Date.parse(`${day}T00:00:00Z`)).startsWith(day);
}
