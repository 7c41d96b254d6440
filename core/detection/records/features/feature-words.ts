import { NO_NUMBER, NO_TIME, WEEKDAYS } from './column-features.ts';
import type { CategoryFeatureName, NumericFeatureName } from './column-features.ts';
import { formatApproximate, formatNumber, formatShare } from './number-text.ts';

/** How a numeric feature is spoken of in findings. */
export interface NumericWords {
  /** `value` is the redacted text of the cell, if there is one. */
  readonly subject: (path: string, observed: number, value: string | null) => string;
  /** `width` is that of the range the value is an end of, which should not collapse by rounding. */
  readonly amount: (value: number, width?: number) => string;
}

const count = (value: number): string => formatNumber(value);
const hours = (value: number): string =>
  Math.abs(value) < 72
    ? `${formatNumber(Math.round(value * 10) / 10)} h`
    : `${formatNumber(Math.round(value / 24))} days`;
const day = (value: number): string => {
  const instant = new Date(value * 3_600_000);
  return Number.isNaN(instant.getTime()) ? 'another time' : instant.toISOString().slice(0, 10);
};

export const NUMERIC_WORDS: Record<NumericFeatureName, NumericWords> = {
  value: {
    subject: (path, observed, value) => `${path} ${value ?? formatNumber(observed)}`,
    amount: formatApproximate,
  },
  age: {
    subject: (path, observed) =>
      observed < 0 ? `${path} ${hours(-observed)} in the future` : `${path} ${hours(observed)} ago`,
    amount: hours,
  },
  time: { subject: (path, observed) => `${path} ${day(observed)}`, amount: day },
  length: { subject: (path, observed) => `${path} of length ${count(observed)}`, amount: formatApproximate },
  digits: { subject: (path, observed) => `${path} with ${formatShare(observed)} digits`, amount: formatShare },
  upper: { subject: (path, observed) => `${path} with ${formatShare(observed)} capitals`, amount: formatShare },
  nonAscii: {
    subject: (path, observed) => `${path} with ${formatShare(observed)} non-ASCII characters`,
    amount: formatShare,
  },
  distinct: {
    subject: (path, observed) => `${path} with ${count(observed)} different elements`,
    amount: formatApproximate,
  },
  smallest: {
    subject: (path, observed) => `smallest element of ${path} ${count(observed)}`,
    amount: formatApproximate,
  },
  largest: { subject: (path, observed) => `largest element of ${path} ${count(observed)}`, amount: formatApproximate },
};

/** The value before what is said of it: `"N/A", `. */
const shown = (value: string | null): string => (value === null ? '' : `${value}, `);

export const CATEGORY_WORDS: Record<
  CategoryFeatureName,
  (path: string, observed: string, value: string | null) => string
> = {
  presence: (path, observed) =>
    observed === 'null' || observed === 'missing' || observed === 'not finite'
      ? `${path} ${observed}`
      : `${path} a ${observed}`,
  value: (path, _observed, value) => (value === null ? `this value of ${path}` : `${path} ${value}`),
  length: (path, observed) => `${path} of length ${observed}`,
  shape: (path, observed) => `${path} of the form ${JSON.stringify(observed)}`,
  numberForm: (path, observed, value) =>
    observed === NO_NUMBER ? `${path} ${shown(value)}no number` : `${path} a number`,
  timeForm: (path, observed, value) =>
    observed === NO_TIME ? `${path} ${shown(value)}no time` : `${path} written as ${observed}`,
  sign: (path, observed, value) => `${path} ${observed === 'zero' ? '' : shown(value)}${observed}`,
  wholeness: (path, observed, value) =>
    `${path} ${shown(value)}${observed === 'whole' ? 'a whole number' : 'with a fraction'}`,
  hour: (path, observed) => `${path} at ${observed}:00–${observed}:59 UTC`,
  weekday: (path, observed) => `${path} on a ${WEEKDAYS[Number(observed)] ?? observed}`,
};
