import { callerTail, isFreshExcess } from './caller-tail.ts';
import type { PatternDetector } from './pattern-context.ts';
import { callerName, formatCount, patternFinding } from './pattern-context.ts';
import { amountAt, BURST_WINDOW_MS } from './windows.ts';

const LEAST_RATIO = 3;
const LEAST_REQUESTS = 20;

/** Requests of one caller within a minute, against the active minutes of the caller and of the role. */
export const burst: PatternDetector = ({ observation, role, caller, roleIsKnown, measuredRate }) => {
  if (!roleIsKnown || caller === undefined) return [];
  const before = amountAt(caller.minute, observation.at, BURST_WINDOW_MS);
  const after = before + 1;
  if (after < LEAST_REQUESTS) return [];
  const tailOf = (amount: number) => callerTail(caller.requestsPerMinute, role?.requestsPerMinute, amount);
  const tail = tailOf(after);
  if (tail === null) return [];
  const threshold = Math.max(LEAST_REQUESTS, LEAST_RATIO * tail.largest);
  if (!isFreshExcess(before, after, threshold, (amount) => (tailOf(amount)?.p ?? 1) <= measuredRate)) return [];
  return [
    patternFinding(observation, {
      kind: 'burst',
      subject: 'caller',
      p: tail.p,
      reason:
        `${callerName(observation)} sent ${formatCount(after)} requests within the minute; ${tail.whose} usually sends ` +
        `${formatCount(tail.median)}, at most ${formatCount(tail.largest)}`,
    }),
  ];
};
