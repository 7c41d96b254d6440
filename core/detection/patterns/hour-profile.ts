import type { Instant } from '../../domain/time.ts';
import { DAY, HOUR, WEEK } from '../../domain/time.ts';

const SLOTS = 168;

/**
 * When somebody is active: per hour of the week (UTC, slot 0 = Monday 00:00) the number of such hours with activity.
 * Hours are counted, not requests, so that one busy hour does not outweigh a habit.
 */
export interface HourProfile {
  readonly active: number[];
  /** Hours since the epoch of the last activity counted. */
  lastHour: number;
  /** Number of active hours counted. */
  hours: number;
  /** Number of different days with activity. */
  days: number;
  lastDay: number;
  firstAt: Instant | null;
  /** Flagged hours by slot, with the days they were flagged on; released after the third day. */
  readonly held: { slot: number; days: number[] }[];
}

const RELEASE_DAYS = 3;
const HELD_CAPACITY = 24;

export function createHourProfile(): HourProfile {
  return {
    active: Array.from({ length: SLOTS }, () => 0),
    lastHour: -1,
    hours: 0,
    days: 0,
    lastDay: -1,
    firstAt: null,
    held: [],
  };
}

/** 0 = Monday 00:00–01:00 UTC … 167 = Sunday 23:00–24:00; the epoch began on a Thursday. */
export function slotOf(at: Instant): number {
  return (((Math.floor(at / HOUR) + 3 * 24) % SLOTS) + SLOTS) % SLOTS;
}

export function noteActivity(profile: HourProfile, at: Instant, flagged: boolean): void {
  profile.firstAt ??= at;
  if (flagged) return holdHour(profile, at);
  const hour = Math.floor(at / HOUR);
  const day = Math.floor(at / DAY);
  if (hour === profile.lastHour) return;
  if (day !== profile.lastDay) profile.days++;
  profile.lastHour = hour;
  profile.lastDay = day;
  countHours(profile, slotOf(at), 1);
}

function holdHour(profile: HourProfile, at: Instant): void {
  const slot = slotOf(at);
  const day = Math.floor(at / DAY);
  // The same hour of any day is the same habit: a change of shift shows on several days of one week.
  let entry = profile.held.find((held) => held.slot % 24 === slot % 24);
  if (entry === undefined) {
    entry = { slot, days: [] };
    profile.held.push(entry);
    if (profile.held.length > HELD_CAPACITY) profile.held.shift();
  }
  if (!entry.days.includes(day)) entry.days.push(day);
  if (entry.days.length < RELEASE_DAYS) return;
  for (const held of entry.days) countHours(profile, slotOf(held * DAY + (slot % 24) * HOUR), 1);
  profile.held.splice(profile.held.indexOf(entry), 1);
}

function countHours(profile: HourProfile, slot: number, count: number): void {
  profile.active[slot] = (profile.active[slot] as number) + count;
  profile.hours += count;
}

/** Standard deviation in hours of the smoothing over the hour of the day; covers daylight saving and late finishes. */
const BANDWIDTH_HOURS = 1;
/** How much an hour says about the same hour of another day of the same kind (working day or weekend). */
const OTHER_DAY = 0.5;
/** … and of the other kind, before silence was observed; five silent weeks make a weekend unusual. */
const OTHER_KIND = 0.3;
const SILENCE_POWER = 4;
/** Pseudo-hours spread evenly over the week: what is left for the never seen. */
const PRIOR_HOURS = 0.05;

/**
 * Hours that a caller is taken to have kept by the habits of the role: what is left for doing as others do. In a role whose
 * night staff has a tenth of the hours, a night is unusual for somebody with 140 hours at day; where it has half, for 700.
 */
const ROLE_HOURS = 0.5;

/**
 * Probability that an active hour of this profile falls into a slot as unlikely as this one or less likely: the mass of
 * the smoothed density at or below its level (the complement of Hyndman's highest-density region, 1996).
 * With the profile of the role it is the tail of a mixture, in which the role counts the less the more is known of the caller.
 * 1 without a history.
 */
export function unusualHourTail(profile: HourProfile, at: Instant, role?: HourProfile): number {
  if (profile.hours === 0 || profile.firstAt === null) return 1;
  const slot = slotOf(at);
  if ((profile.active[slot] as number) > 0) return 1;
  const density = densityAt(profile, at);
  if (role !== undefined && role.hours > 0) {
    const share = ROLE_HOURS / (profile.hours + ROLE_HOURS);
    const ofRole = densityAt(role, at);
    for (let i = 0; i < SLOTS; i++) density[i] = (1 - share) * (density[i] as number) + share * (ofRole[i] as number);
  }
  const level = density[slot] as number;
  let mass = 0;
  // Slots that differ by rounding only are one level.
  for (const value of density) if (value <= level * (1 + 1e-9)) mass += value;
  return Math.min(1, mass);
}

function densityAt(profile: HourProfile, at: Instant): Float64Array {
  const density = new Float64Array(SLOTS);
  const weeks = Math.max(0, (at - (profile.firstAt ?? at)) / WEEK);
  const otherKind = OTHER_KIND / (1 + weeks) ** SILENCE_POWER;
  let total = 0;
  for (let seen = 0; seen < SLOTS; seen++) {
    const hours = profile.active[seen] as number;
    if (hours === 0) continue;
    for (let slot = 0; slot < SLOTS; slot++) {
      const weight = hours * dayKernel(seen, slot, otherKind) * hourKernel(seen, slot);
      density[slot] = (density[slot] as number) + weight;
      total += weight;
    }
  }
  const prior = PRIOR_HOURS / (profile.hours + PRIOR_HOURS);
  for (let slot = 0; slot < SLOTS; slot++) {
    density[slot] = ((density[slot] as number) / total) * (1 - prior) + prior / SLOTS;
  }
  return density;
}

function dayKernel(a: number, b: number, otherKind: number): number {
  const dayA = Math.floor(a / 24);
  const dayB = Math.floor(b / 24);
  if (dayA === dayB) return 1;
  return dayA >= 5 === dayB >= 5 ? OTHER_DAY : otherKind;
}

function hourKernel(a: number, b: number): number {
  const apart = Math.abs((a % 24) - (b % 24));
  const hours = Math.min(apart, 24 - apart);
  return Math.exp(-(hours * hours) / (2 * BANDWIDTH_HOURS * BANDWIDTH_HOURS));
}
