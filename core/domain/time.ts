/** Durations in milliseconds, named once. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/** Epoch milliseconds, UTC. */
export type Instant = number;

/**
 * The process's one clock. Detection and tallies use the event time of an observation instead (`Observation.at`);
 * leases, validity, tokens and rate limits use this.
 */
export interface Clock {
  now(): Instant;
}

export const systemClock: Clock = { now: () => Date.now() };

/** RFC 3339 in UTC with milliseconds: the one text form in which instants leave the process. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString();
}

const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

/** The years 1 to 9999: year 0 is no year to PostgreSQL, and years of five digits are none to MariaDB. */
export function isStorableInstant(at: Instant): boolean {
  return at >= FIRST_INSTANT && at <= LAST_INSTANT;
}
