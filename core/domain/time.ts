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
