import type { ScalarKind } from './kind.ts';
import { isStorableText } from './text.ts';
import { formatInstant, isStorableInstant } from './time.ts';

export interface ScalarForm {
  /** Wire form (`kind.ts`) of an acceptable JSON value, or undefined. */
  readonly read: (value: unknown) => unknown;
  /** What is acceptable, for messages: `a UUID`. */
  readonly expected: string;
}

/**
 * Kind → what callers may send as a value of it: operands of queries and arguments of verbs alike. All of it every
 * database holds, and gives back as the same wire form.
 */
export const SCALAR_FORMS: Readonly<Record<ScalarKind, ScalarForm>> = {
  string: {
    read: (value) => (typeof value === 'string' && isStorableText(value) ? value : undefined),
    expected: 'a string of Unicode text without U+0000',
  },
  uuid: {
    read: (value) => (typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined),
    expected: 'a UUID',
  },
  int32: {
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= INT32_MIN && value <= INT32_MAX
        ? value + 0
        : undefined,
    expected: 'a whole number of 32 bits',
  },
  int64: { read: readInt64, expected: 'a whole number of 64 bits, as a string' },
  float64: {
    read: (value) => (typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined),
    expected: 'a finite number',
  },
  boolean: { read: (value) => (typeof value === 'boolean' ? value : undefined), expected: 'true or false' },
  timestamp: { read: readTimestamp, expected: 'an RFC 3339 date and time, in UTC from the year 0001 to 9999' },
  json: {
    read: (value) => (unstorablePlace(value) === undefined ? value : undefined),
    expected: 'a JSON value whose texts are Unicode without U+0000',
  },
};

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Where a JSON value holds a text that not every database takes: `.message`, `[2].name`, empty for the value itself.
 * With a stack of its own, so that no depth can overflow it.
 */
export function unstorablePlace(value: unknown): string | undefined {
  const stack: { readonly value: unknown; readonly place: string }[] = [{ value, place: '' }];
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    const { value: inner, place } = visit;
    if (typeof inner === 'string' && !isStorableText(inner)) return place;
    if (typeof inner !== 'object' || inner === null) continue;
    for (const [key, element] of Object.entries(inner)) {
      if (!isStorableText(key)) return place;
      stack.push({ value: element, place: Array.isArray(inner) ? `${place}[${key}]` : `${place}.${key}` });
    }
  }
  return undefined;
}

/** Numbers are taken while they are exact; the wire form is always the decimal string. */
function readInt64(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value + 0) : undefined;
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return undefined;
  const big = BigInt(value);
  return big <= INT64_MAX && big >= INT64_MIN ? String(big) : undefined;
}

/** Without an offset UTC is meant; what is finer than a millisecond is cut off. */
function readTimestamp(value: unknown): string | undefined {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null;
  if (!match) return undefined;
  const [, day, time = '00:00:00', fraction = '', offset = 'Z'] = match;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const zone = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase();
  const at = Date.parse(`${day}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return isStorableInstant(at) && isRealDay(day as string) ? formatInstant(at) : undefined;
}

/** `Date.parse` takes 30 February for 1 March. */
function isRealDay(day: string): boolean {
  return formatInstant(Date.parse(`${day}T00:00:00Z`)).startsWith(day);
}
