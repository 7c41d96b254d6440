import type { ScalarKind } from '../../core/domain/kind.ts';
import { DAY, HOUR, formatInstant } from '../../core/domain/time.ts';

export interface ExtractionFunctionDef {
  readonly result: ScalarKind;
  readonly description: string;
  /** The function on a wire timestamp: what every database must agree with. */
  readonly extract: (at: Date) => unknown;
}

/** Parts of a timestamp, in UTC. */
export const EXTRACTION_FUNCTIONS = {
  millisecond: part('Millisecond of the second, 0–999.', (at) => at.getUTCMilliseconds()),
  second: part('Second of the minute, 0–59.', (at) => at.getUTCSeconds()),
  minute: part('Minute of the hour, 0–59.', (at) => at.getUTCMinutes()),
  hour: part('Hour of the day, 0–23.', (at) => at.getUTCHours()),
  day: part('Day of the month, 1–31.', (at) => at.getUTCDate()),
  week: part('ISO 8601 week of the year, 1–53.', isoWeek),
  month: part('Month, 1–12.', (at) => at.getUTCMonth() + 1),
  quarter: part('Quarter, 1–4.', (at) => Math.floor(at.getUTCMonth() / 3) + 1),
  year: part('Year of the calendar.', (at) => at.getUTCFullYear()),
  day_of_week: part('Day of the week, 0 = Sunday to 6 = Saturday.', (at) => at.getUTCDay()),
  day_of_year: part('Day of the year, 1–366.', (at) => Math.floor((startOf(at, DAY) - yearStart(at)) / DAY) + 1),
  start_of_hour: {
    result: 'timestamp',
    description: 'Start of the hour: groups by hour.',
    extract: (at) => formatInstant(startOf(at, HOUR)),
  },
  start_of_day: {
    result: 'timestamp',
    description: 'Start of the UTC day: groups by day.',
    extract: (at) => formatInstant(startOf(at, DAY)),
  },
} as const satisfies Record<string, ExtractionFunctionDef>;

export type ExtractionFunctionName = keyof typeof EXTRACTION_FUNCTIONS;

export function extractionFunctionsOf(kind: ScalarKind): readonly ExtractionFunctionName[] {
  return kind === 'timestamp' ? (Object.keys(EXTRACTION_FUNCTIONS) as ExtractionFunctionName[]) : [];
}

function part(description: string, extract: (at: Date) => number): ExtractionFunctionDef {
  return { result: 'int32', description, extract };
}

function startOf(at: Date, lengthMs: number): number {
  return Math.floor(at.getTime() / lengthMs) * lengthMs;
}

function yearStart(at: Date): number {
  return Date.UTC(at.getUTCFullYear(), 0, 1);
}

/** The week that holds the Thursday of the date's week counts for the Thursday's year. */
function isoWeek(at: Date): number {
  const thursday = new Date(startOf(at, DAY) + (4 - (at.getUTCDay() || 7)) * DAY);
  return Math.floor((thursday.getTime() - yearStart(thursday)) / (7 * DAY)) + 1;
}
