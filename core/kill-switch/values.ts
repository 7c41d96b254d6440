import { Duration } from './durations.ts';
import { LIMITS } from './limits.ts';
import { Timestamp } from './timestamps.ts';

/** The language's names of what a value can be, as `type(x)` answers them. */
export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'list' | 'map' | 'timestamp' | 'duration';

/** The type of a value that a fact holds; `unsupported` is anything JSON cannot say, a function or a bigint. */
export function typeOf(value: unknown): TypeName | 'unsupported' {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'undefined':
      return 'null';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'list';
      if (value instanceof Timestamp) return 'timestamp';
      return value instanceof Duration ? 'duration' : 'map';
    default:
      return 'unsupported';
  }
}

/** The type as it stands in a sentence: `a number`, `null`. */
export function withArticle(value: unknown): string {
  const type = typeOf(value);
  if (type === 'null') return type;
  return type === 'unsupported' ? 'a value that JSON does not have' : `a ${type}`;
}

export type FactMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is FactMap {
  return typeOf(value) === 'map';
}

/** The own value of a key, or null: inherited keys are never read. */
export function ownValue(map: FactMap, key: string): unknown {
  return Object.hasOwn(map, key) ? (map[key] ?? null) : null;
}

export type Equality = boolean | 'too-deep' | 'too-much';

/** Counts what an evaluation has compared and searched, against `LIMITS.work`. */
export interface WorkMeter {
  work: number;
}

/** `==`: no conversion, lists and maps by structure, numbers as IEEE doubles. Charges its comparisons to the meter. */
export function equals(left: unknown, right: unknown, meter: WorkMeter, depth = 0): Equality {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (depth >= LIMITS.equalityDepth) return 'too-deep';
  if (Array.isArray(left)) return Array.isArray(right) && equalLists(left, right, meter, depth);
  if (left instanceof Timestamp) return right instanceof Timestamp && left.ms === right.ms;
  if (left instanceof Duration) return right instanceof Duration && left.ms === right.ms;
  return isMap(right) && equalMaps(left as FactMap, right, meter, depth);
}

function equalLists(left: readonly unknown[], right: readonly unknown[], meter: WorkMeter, depth: number): Equality {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) {
    if (++meter.work > LIMITS.work) return 'too-much';
    const same = equals(left[i] ?? null, right[i] ?? null, meter, depth + 1);
    if (same !== true) return same;
  }
  return true;
}

function equalMaps(left: FactMap, right: FactMap, meter: WorkMeter, depth: number): Equality {
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  for (const key of keys) {
    if (++meter.work > LIMITS.work) return 'too-much';
    if (!Object.hasOwn(right, key)) return false;
    const same = equals(left[key] ?? null, right[key] ?? null, meter, depth + 1);
    if (same !== true) return same;
  }
  return true;
}

/** Negative, zero or positive, by code point: UTF-16 order differs where surrogates meet U+E000–U+FFFF. */
export function compareStrings(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const [a, b] = [left.charCodeAt(i), right.charCodeAt(i)];
    if (a === b) continue;
    const bothHigh = a >= 0xd800 && b >= 0xd800;
    return bothHigh ? aboveSurrogates(a) - aboveSurrogates(b) : a - b;
  }
  return left.length - right.length;
}

/** Sorts surrogates, which stand for U+10000 and above, behind U+E000–U+FFFF. */
function aboveSurrogates(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

export function codePointCount(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) i++;
  }
  return count;
}
