import { parseDuration } from './durations.ts';
import type { Duration } from './durations.ts';
import { FAILURE } from './evaluation.ts';
import type { StaticType } from './static-types.ts';
import { ANY, TYPE_BITS } from './static-types.ts';
import { calendarReader, MAX_TIMESTAMP_MS, parseTimestamp } from './timestamps.ts';
import type { CalendarField, Timestamp } from './timestamps.ts';
import { codePointCount, typeOf } from './values.ts';

/** What a parameter takes. A `pattern` is a string literal, compiled when the condition is created. */
export interface Parameter {
  readonly type: StaticType;
  readonly role?: 'pattern' | 'zone';
  readonly optional?: boolean;
}

export interface LanguageFunction {
  /** For a method, the first is the receiver. */
  readonly parameters: readonly Parameter[];
  readonly result: StaticType;
  /** Called with values of the parameters' types only; answers `FAILURE` when the value itself is wrong. */
  readonly apply: (first: never, second: never) => unknown;
  /** What `apply` wants, for the message of its failure. */
  readonly wants?: string;
}

const { string: STRING, number: NUMBER, boolean: BOOLEAN, list: LIST, map: MAP } = TYPE_BITS;
const { timestamp: TIMESTAMP, duration: DURATION } = TYPE_BITS;

const text: Parameter = { type: STRING };

const size: LanguageFunction = {
  parameters: [{ type: STRING | LIST | MAP }],
  result: NUMBER,
  apply: (value: string | readonly unknown[] | object) => {
    if (typeof value === 'string') return codePointCount(value);
    return Array.isArray(value) ? value.length : Object.keys(value).length;
  },
};

/** The compiler replaces `apply` by a search for the compiled pattern. */
const matches: LanguageFunction = {
  parameters: [text, { type: STRING, role: 'pattern' }],
  result: BOOLEAN,
  apply: () => FAILURE,
};

const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Called as `name(…)`. `has` takes a path instead of a value and is known to the checker and the compiler. */
export const FUNCTIONS: ReadonlyMap<string, LanguageFunction> = new Map<string, LanguageFunction>([
  ['size', size],
  ['matches', matches],
  ['lower', { parameters: [text], result: STRING, apply: (value: string) => value.toLowerCase() }],
  ['upper', { parameters: [text], result: STRING, apply: (value: string) => value.toUpperCase() }],
  ['type', { parameters: [{ type: ANY }], result: STRING, apply: (value: unknown) => typeOf(value) }],
  [
    'string',
    {
      parameters: [{ type: STRING | NUMBER | BOOLEAN }],
      result: STRING,
      apply: (value: string | number | boolean) => String(value),
    },
  ],
  [
    'number',
    {
      parameters: [{ type: STRING | NUMBER }],
      result: NUMBER,
      wants: 'a number in JSON syntax',
      apply: (value: string | number) => (typeof value === 'number' ? value : parseNumber(value)),
    },
  ],
  [
    'timestamp',
    {
      parameters: [{ type: STRING | TIMESTAMP }],
      result: TIMESTAMP,
      wants: 'RFC 3339 with a zone, or a date alone',
      apply: (value: string | Timestamp) => (typeof value === 'string' ? (parseTimestamp(value) ?? FAILURE) : value),
    },
  ],
  [
    'duration',
    {
      parameters: [{ type: STRING | DURATION }],
      result: DURATION,
      wants: 'a duration such as "1h30m", units ms s m h d',
      apply: (value: string | Duration) => (typeof value === 'string' ? (parseDuration(value) ?? FAILURE) : value),
    },
  ],
]);

/** Called as `receiver.name(…)`. `exists` and `all` bind a variable and are nodes of their own. */
export const METHODS: ReadonlyMap<string, LanguageFunction> = new Map<string, LanguageFunction>([
  ['size', size],
  ['matches', matches],
  ['contains', searching((value, part) => value.includes(part))],
  ['startsWith', searching((value, part) => value.startsWith(part))],
  ['endsWith', searching((value, part) => value.endsWith(part))],
  ['lowerAscii', mapping((value) => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()))],
  ['upperAscii', mapping((value) => value.replace(/[a-z]+/g, (letters) => letters.toUpperCase()))],
  ['getFullYear', calendar('year')],
  ['getMonth', calendar('month')],
  ['getDate', calendar('day')],
  ['getDayOfWeek', calendar('weekday')],
  ['getHours', calendar('hour')],
  ['getMinutes', calendar('minute')],
]);

function searching(test: (value: string, part: string) => boolean): LanguageFunction {
  return { parameters: [text, text], result: BOOLEAN, apply: test };
}

function mapping(change: (value: string) => string): LanguageFunction {
  return { parameters: [text], result: STRING, apply: change };
}

function calendar(field: CalendarField): LanguageFunction {
  return {
    parameters: [{ type: TIMESTAMP }, { type: STRING, role: 'zone', optional: true }],
    result: NUMBER,
    wants: 'a time zone such as "Europe/Berlin" or "+02:00"',
    apply: (timestamp: Timestamp, zone: string | undefined) => {
      if (Math.abs(timestamp.ms) > MAX_TIMESTAMP_MS) return FAILURE;
      return calendarReader(field, zone ?? null)?.(timestamp) ?? FAILURE;
    },
  };
}

function parseNumber(digits: string): unknown {
  const value = JSON_NUMBER.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(value) ? value : FAILURE;
}
