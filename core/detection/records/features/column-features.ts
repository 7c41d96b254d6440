import { HOUR, DAY } from '../../../domain/time.ts';
import type { Instant } from '../../../domain/time.ts';
import { isList, isText, MISSING, numericText, timeText } from './cell-features.ts';
import type { CellFeature } from './cell-features.ts';

/**
 * Numeric features a column can have, each read off one cell; NaN where the cell has none. `at` is the event time of the
 * record's observation.
 */
export const NUMERIC_READERS = {
  /** A number, or the number a text says. */
  value: (cell) => numberOf(cell),
  /** Hours from the instant in the cell to the observation. */
  age: (cell, at) => (at - instantOf(cell)) / HOUR,
  /** The instant in the cell, in hours since 1970. */
  time: (cell) => instantOf(cell) / HOUR,
  length: (cell) => (isText(cell) ? cell[1] : isList(cell) ? cell[0] : Number.NaN),
  digits: (cell) => (isText(cell) ? cell[3] : Number.NaN),
  upper: (cell) => (isText(cell) ? cell[4] : Number.NaN),
  nonAscii: (cell) => (isText(cell) ? cell[5] : Number.NaN),
  distinct: (cell) => (isList(cell) ? cell[1] : Number.NaN),
  smallest: (cell) => (isList(cell) ? (cell[2] ?? Number.NaN) : Number.NaN),
  largest: (cell) => (isList(cell) ? (cell[3] ?? Number.NaN) : Number.NaN),
} as const satisfies Record<string, (cell: CellFeature | undefined, at: Instant) => number>;

export type NumericFeatureName = keyof typeof NUMERIC_READERS;

/** Categorical features a column can have; undefined where the cell has none. */
export const CATEGORY_READERS = {
  /** What stands in the cell at all: null and a missing key are values of their own. */
  presence: (cell) => presenceOf(cell),
  value: (cell) =>
    isText(cell) ? cell[0] : typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : undefined,
  length: (cell) => (isText(cell) ? String(cell[1]) : isList(cell) ? String(cell[0]) : undefined),
  shape: (cell) => (isText(cell) ? cell[2] : undefined),
  /** Whether a cell of a column of amounts says a number at all. */
  numberForm: (cell) =>
    isText(cell) || typeof cell === 'number' ? (Number.isNaN(numberOf(cell)) ? NO_NUMBER : 'number') : undefined,
  /** How a cell of a column of times writes its time. */
  timeForm: (cell) => timeForm(cell),
  sign: (cell) => ofNumber(cell, (value) => (value === 0 ? 'zero' : value < 0 ? 'negative' : 'positive')),
  wholeness: (cell) => ofNumber(cell, (value) => (Number.isInteger(value) ? 'whole' : 'fraction')),
  hour: (cell) => whole(instantOf(cell), (instant) => new Date(instant).getUTCHours()),
  weekday: (cell) => whole(instantOf(cell), (instant) => new Date(instant).getUTCDay()),
} as const satisfies Record<string, (cell: CellFeature | undefined) => string | undefined>;

/** What a number is beside its size. */
export const NUMBER_PROPERTIES: ReadonlySet<CategoryFeatureName> = new Set(['sign', 'wholeness']);

/** Values of `numberForm` and `timeForm` for a cell that can't be read as what its column holds. */
export const NO_NUMBER = 'no number';
export const NO_TIME = 'no time';

/** Names of the values of the `weekday` feature. */
export const WEEKDAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

export type CategoryFeatureName = keyof typeof CATEGORY_READERS;

export type Presence = 'number' | 'boolean' | 'text' | 'list' | 'null' | 'missing' | 'not finite';

export function presenceOf(cell: CellFeature | undefined): Presence | undefined {
  switch (typeof cell) {
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return cell === MISSING ? 'missing' : 'not finite';
    case 'undefined':
      return undefined;
    default:
      return cell === null ? 'null' : isText(cell) ? 'text' : 'list';
  }
}

function numberOf(cell: CellFeature | undefined): number {
  return typeof cell === 'number' ? cell : isText(cell) ? (numericText(cell) ?? Number.NaN) : Number.NaN;
}

function ofNumber(cell: CellFeature | undefined, read: (value: number) => string): string | undefined {
  const value = numberOf(cell);
  return Number.isNaN(value) ? undefined : read(value);
}

/** Characters of a date without a time of day. */
const DATE_LENGTH = 10;

function timeForm(cell: CellFeature | undefined): string | undefined {
  if (typeof cell !== 'number' && !isText(cell)) return undefined;
  const instant = instantOf(cell);
  if (Number.isNaN(instant)) return NO_TIME;
  if (isText(cell)) return cell[1] === DATE_LENGTH ? 'date' : 'date and time';
  return instant === cell ? 'milliseconds' : 'seconds';
}

const YEAR_2000_MS = 946_684_800_000;
const YEAR_2100_MS = 4_102_444_800_000;

/** Instant of an ISO 8601 text or of an epoch number in seconds or milliseconds; NaN otherwise. */
export function instantOf(cell: CellFeature | undefined): Instant {
  if (isText(cell)) return timeText(cell) ?? Number.NaN;
  if (typeof cell !== 'number') return Number.NaN;
  if (cell >= YEAR_2000_MS && cell < YEAR_2100_MS) return cell;
  return cell >= YEAR_2000_MS / 1_000 && cell < YEAR_2100_MS / 1_000 ? cell * 1_000 : Number.NaN;
}

/** Whether an instant carries no time of day. */
export function isMidnight(instant: Instant): boolean {
  return instant % DAY === 0;
}

function whole(instant: Instant, read: (instant: Instant) => number): string | undefined {
  return Number.isNaN(instant) ? undefined : String(read(instant));
}
