import type { ArgumentValue } from '../../domain/observation.ts';
import type { QueryFeatures, Source } from '../../domain/query-shape.ts';

/** A key asked for: which argument it stood in, and its number. */
export interface AskedKey {
  readonly path: string;
  readonly key: number;
}

/** Arguments that page, size or date a result instead of naming an entity. */
const NOT_KEYS = new Set(
  (
    'limit offset first last skip take top page pagesize perpage count size n from to start end after before cursor ' +
    'year month day hour week quarter date timestamp since until depth version amount price total quantity'
  ).split(' '),
);
/** Operators under which a value still names one entity. */
const EQUALITY = new Set(['_eq', 'eq', 'equal', 'equals', '_in', 'in', 'value', 'values']);
/** Operators under which it names a range or a pattern; so does every name that begins with an underscore. */
const OTHER_OPERATORS = new Set(
  (
    'gt gte lt lte ne neq nin greaterthan greaterthanorequal lessthan lessthanorequal between range like ' +
    'ilike nlike nilike regex iregex match matches contains startswith endswith prefix wildcard'
  ).split(' '),
);
/** Digits with a fixed beginning, as in `17`, `INV-00017`, `cus_17`. */
const NUMBERED = /^([A-Za-z_.:#/-]{0,24})(\d{1,15})$/;

/** What keys are read from: a request, live or logged with its argument values. */
export interface KeyedRequest {
  readonly source: Source;
  readonly features: QueryFeatures;
  readonly arguments: readonly ArgumentValue[];
}

/** The keys a caller asked for, by argument. */
export function keysByArgument({ source, features, arguments: values }: KeyedRequest): Map<string, number[]> {
  const keys = new Map<string, number[]>();
  if (isJoin({ source, features })) return keys;
  for (const { path, key } of askedKeys(values)) {
    const same = keys.get(path);
    if (same === undefined) keys.set(path, [key]);
    else same.push(key);
  }
  return keys;
}

/** Variables of an NDC request are not the caller's: the engine joins connectors with them, one set per row. */
export function isJoin({ source, features }: Pick<KeyedRequest, 'source' | 'features'>): boolean {
  return source === 'ndc' && features.variables > 0;
}

/** The numbered keys among a request's arguments; ranges, paging and plain quantities are left out. */
export function askedKeys(values: readonly ArgumentValue[]): AskedKey[] {
  const keys: AskedKey[] = [];
  for (const { path: keyPath, value } of keyArguments(values)) {
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value) && value >= 0) keys.push({ path: keyPath, key: value });
    } else if (typeof value === 'string') {
      const numbered = NUMBERED.exec(value);
      if (numbered !== null) keys.push({ path: `${keyPath}${numbered[1]}`, key: Number(numbered[2]) });
    }
  }
  return keys;
}

/** The arguments that may name an entity, each under the path of its argument without positions and operators. */
export function keyArguments(values: readonly ArgumentValue[]): ArgumentValue[] {
  return values.flatMap(({ path, value }) => {
    const keyPath = keyPathOf(path);
    return keyPath === null ? [] : [{ path: keyPath, value }];
  });
}

function keyPathOf(path: string): string | null {
  // A list's positions are not part of the argument's name.
  const segments = path.split('.').filter((segment) => !/^\[?\d+\]?$/.test(segment));
  while (segments.length > 1 && EQUALITY.has(segments.at(-1) as string)) segments.pop();
  const name = segments.at(-1);
  if (name === undefined || name.startsWith('_')) return null;
  const word = name.replaceAll(/[_-]/g, '').toLowerCase();
  if (NOT_KEYS.has(word) || OTHER_OPERATORS.has(word)) return null;
  return segments.join('.');
}

/** Keys next to each other may differ by two: a sweep skips what does not exist. */
export const NEIGHBOUR_GAP = 2;

/** A run of keys: how many, and the range they lie in. */
export interface KeyRun {
  readonly length: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The longest run among distinct keys: neighbours at most two apart, or a sweep with one constant stride, in whatever
 * order they were asked for.
 */
export function longestRun(keys: readonly number[]): KeyRun {
  const ascending = [...new Set(keys)].sort((a, b) => a - b);
  if (ascending.length === 0) return { length: 0, low: 0, high: 0 };
  const gaps = ascending.slice(1).map((key, i) => key - (ascending[i] as number));
  const stride = mostFrequent(gaps);
  const near = longestStretch(gaps, (gap) => gap <= NEIGHBOUR_GAP);
  const even = longestStretch(gaps, (gap) => gap === stride);
  const { start, length } = near.length >= even.length ? near : even;
  return { length: length + 1, low: ascending[start] as number, high: ascending[start + length] as number };
}

interface Stretch {
  readonly start: number;
  readonly length: number;
}

function longestStretch(gaps: readonly number[], belongs: (gap: number) => boolean): Stretch {
  let longest: Stretch = { start: 0, length: 0 };
  let length = 0;
  for (const [i, gap] of gaps.entries()) {
    length = belongs(gap) ? length + 1 : 0;
    if (length > longest.length) longest = { start: i + 1 - length, length };
  }
  return longest;
}

function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  let best = values[0];
  for (const value of values) {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    if (best !== undefined && count > (counts.get(best) ?? 0)) best = value;
  }
  return best;
}
