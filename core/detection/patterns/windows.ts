import type { FindingKind } from '../../domain/finding.ts';
import type { Instant } from '../../domain/time.ts';
import { HOUR, MINUTE } from '../../domain/time.ts';
import { longestRun } from './key-runs.ts';
import { learnAmount } from './learn-amount.ts';
import type { Sample } from './sample.ts';

/** Records a caller read are summed over so long. */
export const READ_WINDOW_MS = HOUR;
/** Requests of a caller are counted over so long. */
export const BURST_WINDOW_MS = MINUTE;
/** Keys a caller asked for belong together for so long. */
export const KEY_WINDOW_MS = 15 * MINUTE;

/** A running total of one caller over a tumbling window of event time. */
export interface Total {
  start: Instant;
  amount: number;
  flagged: boolean;
}

export function createTotal(): Total {
  return { start: 0, amount: 0, flagged: false };
}

/**
 * The total as it is at an instant: 0 once its window is over. An event that is a little late counts into the window
 * that is open, one from before that (recorded traffic played again) into none.
 */
export function amountAt(total: Total, at: Instant, windowMs: number): number {
  return isWithin(total, at, windowMs) ? total.amount : 0;
}

export function isWithin(total: Total, at: Instant, windowMs: number): boolean {
  return at < total.start + windowMs && at >= total.start - windowMs;
}

/** Adds to the window, and hands a finished one to the samples of the caller and the role. */
export function addToTotal(
  total: Total,
  at: Instant,
  amount: number,
  windowMs: number,
  flagged: boolean,
  samples: readonly Sample[],
): void {
  if (at < total.start - windowMs) return;
  if (at >= total.start + windowMs) {
    if (total.amount > 0) for (const sample of samples) learnAmount(sample, total.amount, total.start, total.flagged);
    total.start = Math.floor(at / windowMs) * windowMs;
    total.amount = 0;
    total.flagged = false;
  }
  total.amount += amount;
  if (flagged) total.flagged = true;
}

/** The keys one caller lately asked for in one argument. */
export interface KeyWindow {
  /** Alternating instant and key, oldest first. */
  readonly entries: number[];
  start: Instant;
  /** Longest run since `start`; what the role's history learns when the window ends. */
  run: number;
  flagged: boolean;
}

const KEYS_KEPT = 128;

export function createKeyWindow(at: Instant): KeyWindow {
  return { entries: [], start: at, run: 0, flagged: false };
}

/** Keys asked for within the window around `at`; events may come a little out of order. */
export function recentKeys(window: KeyWindow, at: Instant): number[] {
  const keys: number[] = [];
  for (let i = 0; i < window.entries.length; i += 2) {
    if (Math.abs((window.entries[i] as number) - at) < KEY_WINDOW_MS) keys.push(window.entries[i + 1] as number);
  }
  return keys;
}

/** When the first of the recent keys within a range was asked for; `at` where there is none. */
export function firstKeyAt(window: KeyWindow, at: Instant, low: number, high: number): Instant {
  for (let i = 0; i < window.entries.length; i += 2) {
    const seen = window.entries[i] as number;
    const key = window.entries[i + 1] as number;
    if (Math.abs(seen - at) < KEY_WINDOW_MS && key >= low && key <= high) return seen;
  }
  return at;
}

export function addKeys(window: KeyWindow, at: Instant, keys: readonly number[]): void {
  for (const key of keys.slice(-KEYS_KEPT)) window.entries.push(at, key);
  const surplus = window.entries.length - 2 * KEYS_KEPT;
  if (surplus > 0) window.entries.splice(0, surplus);
  window.run = Math.max(window.run, longestRun(recentKeys(window, at)).length);
}

/** Starts the next window when this one is over; its run goes to the role's history. */
export function rollKeyWindow(window: KeyWindow, at: Instant, runs: Sample): void {
  if (at < window.start + KEY_WINDOW_MS) return;
  if (window.run > 0) learnAmount(runs, window.run, window.start, window.flagged);
  window.start = at;
  window.run = 0;
  window.flagged = false;
}

export function wasFlagged(flagged: readonly FindingKind[] | undefined, kind: FindingKind): boolean {
  return flagged !== undefined && flagged.includes(kind);
}
