import { callerTail, isFreshExcess } from './caller-tail.ts';
import type { PatternDetector } from './pattern-context.ts';
import { callerName, formatCount, patternFinding } from './pattern-context.ts';
import { amountAt, READ_WINDOW_MS } from './windows.ts';

const LEAST_RATIO = 3;

/** What is counted, per caller and hour. */
interface Count {
  readonly total: 'records' | 'lookups';
  readonly perHour: 'recordsPerHour' | 'lookupsPerHour';
  readonly added: 'newEntities' | 'newLookups';
  readonly least: number;
  readonly did: string;
  readonly does: string;
  readonly what: string;
}

/**
 * Different records read by one caller within an hour, against the hours of the caller and of the role. A dashboard that
 * shows the same page every minute reads that page.
 */
export const bulkRead: PatternDetector = detectorOf({
  total: 'records',
  perHour: 'recordsPerHour',
  added: 'newEntities',
  least: 200,
  did: 'read',
  does: 'reads',
  what: 'different records',
});

/** Different keys asked for within an hour, in whatever order and form: few records among those that lists bring. */
export const bulkLookup: PatternDetector = detectorOf({
  total: 'lookups',
  perHour: 'lookupsPerHour',
  added: 'newLookups',
  least: 60,
  did: 'looked up',
  does: 'looks up',
  what: 'different keys',
});

function detectorOf({ total, perHour, added, least, did, does, what }: Count): PatternDetector {
  return ({ observation, role, caller, roleIsKnown, measuredRate, ...context }) => {
    if (!roleIsKnown) return [];
    const before = caller === undefined ? 0 : amountAt(caller[total], observation.at, READ_WINDOW_MS);
    const after = before + context[added];
    if (after < least) return [];
    const tailOf = (amount: number) => callerTail(caller?.[perHour], role?.[perHour], amount);
    const tail = tailOf(after);
    if (tail === null) return [];
    const threshold = Math.max(least, LEAST_RATIO * tail.largest);
    if (!isFreshExcess(before, after, threshold, (amount) => (tailOf(amount)?.p ?? 1) <= measuredRate)) return [];
    return [
      patternFinding(observation, {
        kind: 'bulk_read',
        subject: 'caller',
        p: tail.p,
        reason:
          `${callerName(observation)} ${did} ${formatCount(after)} ${what} within the hour; ${tail.whose} usually ` +
          `${does} ${formatCount(tail.median)}, at most ${formatCount(tail.largest)}`,
      }),
    ];
  };
}
