import { callerTail, isFreshExcess } from './caller-tail.ts';
import type { PatternDetector } from './pattern-context.ts';
import { callerName, formatCount, patternFinding } from './pattern-context.ts';
import { amountAt, READ_WINDOW_MS } from './windows.ts';

const LEAST_RATIO = 3;
const LEAST_RECORDS = 200;

/**
 * Different records read by one caller within an hour, against the hours of the caller and of the role. A dashboard that
 * shows the same page every minute reads that page.
 */
export const bulkRead: PatternDetector = ({ observation, role, caller, newEntities, roleIsKnown, measuredRate }) => {
  if (!roleIsKnown) return [];
  const before = caller === undefined ? 0 : amountAt(caller.records, observation.at, READ_WINDOW_MS);
  const after = before + newEntities;
  if (after < LEAST_RECORDS) return [];
  const tailOf = (amount: number) => callerTail(caller?.recordsPerHour, role?.recordsPerHour, amount);
  const tail = tailOf(after);
  if (tail === null) return [];
  const threshold = Math.max(LEAST_RECORDS, LEAST_RATIO * tail.largest);
  if (!isFreshExcess(before, after, threshold, (amount) => (tailOf(amount)?.p ?? 1) <= measuredRate)) return [];
  return [
    patternFinding(observation, {
      kind: 'bulk_read',
      subject: 'caller',
      p: tail.p,
      reason:
        `${callerName(observation)} read ${formatCount(after)} different records within the hour; ${tail.whose} usually reads ` +
        `${formatCount(tail.median)}, at most ${formatCount(tail.largest)}`,
    }),
  ];
};
