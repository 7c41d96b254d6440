import { DAY, HOUR, MINUTE } from '../../core/domain/time.ts';
import type { Random } from './random.ts';

export const DEMO_ROLES = ['support', 'sales', 'storefront', 'analyst', 'nightly_job', 'admin'] as const;
export type DemoRole = (typeof DEMO_ROLES)[number];

/** Somebody, or some program, that sends requests. */
export interface DemoUser {
  readonly id: string;
  readonly role: DemoRole;
  readonly rhythm: Rhythm;
  /** Calls, searches or page views per day on which the user is active; each is one to four requests. */
  readonly sessionsPerDay: number;
}

type Rhythm =
  /** Working days from one hour of the day to another, UTC, with a quieter lunch. */
  | { readonly kind: 'office'; readonly from: number; readonly to: number }
  /** Every day, more in the evening. */
  | { readonly kind: 'visitors' }
  /** Every night at this minute of the day, once. */
  | { readonly kind: 'scheduled'; readonly minute: number };

const office = (from: number, to: number): Rhythm => ({ kind: 'office', from, to });

export const CAST: readonly DemoUser[] = [
  { id: '11', role: 'support', rhythm: office(7, 16), sessionsPerDay: 11 },
  { id: '12', role: 'support', rhythm: office(8, 17), sessionsPerDay: 12 },
  { id: '13', role: 'support', rhythm: office(8, 17), sessionsPerDay: 11 },
  { id: '14', role: 'support', rhythm: office(10, 19), sessionsPerDay: 10 },
  { id: '21', role: 'sales', rhythm: office(8, 17), sessionsPerDay: 9 },
  { id: '22', role: 'sales', rhythm: office(9, 18), sessionsPerDay: 9 },
  { id: '23', role: 'sales', rhythm: office(9, 18), sessionsPerDay: 8 },
  { id: 'web', role: 'storefront', rhythm: { kind: 'visitors' }, sessionsPerDay: 24 },
  { id: 'ios', role: 'storefront', rhythm: { kind: 'visitors' }, sessionsPerDay: 15 },
  { id: 'android', role: 'storefront', rhythm: { kind: 'visitors' }, sessionsPerDay: 15 },
  { id: '31', role: 'analyst', rhythm: office(9, 18), sessionsPerDay: 5 },
  { id: '32', role: 'analyst', rhythm: office(8, 17), sessionsPerDay: 5 },
  { id: '33', role: 'analyst', rhythm: office(8, 17), sessionsPerDay: 4 },
  { id: 'nightly', role: 'nightly_job', rhythm: { kind: 'scheduled', minute: 130 }, sessionsPerDay: 1 },
  { id: '1', role: 'admin', rhythm: office(8, 18), sessionsPerDay: 4 },
  { id: '2', role: 'admin', rhythm: office(9, 19), sessionsPerDay: 4 },
];

export function userOf(id: string): DemoUser {
  return CAST.find((user) => user.id === id) as DemoUser;
}

/** Starts of a user's sessions on the day that begins at `midnight`, UTC, ascending. */
export function sessionsOf(user: DemoUser, midnight: number, random: Random): number[] {
  const { rhythm } = user;
  if (rhythm.kind === 'scheduled') return [midnight + rhythm.minute * MINUTE + random.integer(0, 40_000)];
  const weekday = Math.floor(midnight / DAY + 3) % 7;
  if (rhythm.kind === 'office' && weekday >= 5) return [];
  const count = Math.max(1, Math.round(user.sessionsPerDay * (1 + 0.15 * random.normal())));
  return Array.from({ length: count }, () => midnight + Math.floor(hourOfDay(rhythm, random) * HOUR)).sort(
    (a, b) => a - b,
  );
}

function hourOfDay(rhythm: Exclude<Rhythm, { kind: 'scheduled' }>, random: Random): number {
  if (rhythm.kind === 'visitors') {
    // A broad evening peak over a thin floor.
    return random.chance(0.25) ? random.next() * 24 : (24 + 19 + 3 * random.normal()) % 24;
  }
  const hour = rhythm.from + random.next() * (rhythm.to - rhythm.from);
  const isLunch = hour >= 12 && hour < 13;
  return isLunch && random.chance(0.6) ? rhythm.from + random.next() * 3 : hour;
}
