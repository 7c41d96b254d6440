import type { Sample } from './sample.ts';
import { largestOf, quantileOf } from './sample.ts';
import { upperTail } from './upper-tail.ts';

export interface CallerTail {
  readonly p: number;
  readonly largest: number;
  readonly median: number;
  readonly whose: 'this user' | 'this role';
}

const FEWEST_WINDOWS = 20;

/**
 * How unusual an amount is both for the caller and for the role: the larger p-value of those with enough windows, so
 * that neither a heavy user among light ones nor a light user's first busy day is news. Null while both are unknown.
 */
export function callerTail(caller: Sample | undefined, role: Sample | undefined, amount: number): CallerTail | null {
  let decisive: CallerTail | null = null;
  for (const [sample, whose] of [
    [role, 'this role'],
    [caller, 'this user'],
  ] as const) {
    if (sample === undefined || sample.values.length < FEWEST_WINDOWS) continue;
    const p = upperTail(sample, amount);
    if (decisive === null || p > decisive.p) {
      decisive = { p, largest: largestOf(sample), median: quantileOf(sample, 0.5), whose };
    }
  }
  return decisive;
}

/**
 * Whether an amount that grew has just become an excess – at least the threshold, and unusual – or doubled as one. So a
 * lasting excess is reported when it starts and at each doubling, not with every request.
 */
export function isFreshExcess(
  before: number,
  after: number,
  threshold: number,
  isUnusual: (amount: number) => boolean,
): boolean {
  if (after < threshold || !isUnusual(after)) return false;
  if (before < threshold || !isUnusual(before)) return true;
  return doublings(after, threshold) > doublings(before, threshold);
}

function doublings(amount: number, threshold: number): number {
  return Math.floor(Math.log2(amount / threshold));
}
