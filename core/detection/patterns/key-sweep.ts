import type { Instant } from '../../domain/time.ts';
import { HOUR } from '../../domain/time.ts';
import { NEIGHBOUR_GAP } from './key-runs.ts';
import { learnAmount } from './learn-amount.ts';
import type { Sample } from './sample.ts';

/**
 * A caller's way through the keys of one argument, however slow: how many steps in one direction, each to a neighbour or
 * by the same stride. A few numbers, whatever the number of keys; other keys in between are allowed for.
 */
export interface KeySweep {
  last: number;
  /** Of the latest step; 0 before the second key. */
  step: number;
  length: number;
  /** Keys since the start that were no step. */
  others: number;
  readonly startedAt: Instant;
  lastAt: Instant;
  flagged: boolean;
}

/** Whoever goes on after so long begins anew. */
const LONGEST_PAUSE_MS = 2 * HOUR;
/** Other keys in between, per step: somebody who sweeps beside the day's work. */
const OTHERS_PER_STEP = 0.5;

export function createSweep(key: number, at: Instant): KeySweep {
  return { last: key, step: 0, length: 1, others: 0, startedAt: at, lastAt: at, flagged: false };
}

/** The sweep after these keys; one that ended goes to `finished`, and another one begins. Changes nothing. */
export function sweptOn(
  sweep: KeySweep | undefined,
  at: Instant,
  keys: readonly number[],
  finished: (ended: KeySweep) => void = () => {},
): KeySweep | undefined {
  let current = sweep;
  for (const key of keys) {
    const next = current && stepped(current, at, key);
    if (current && !next) finished(current);
    current = next ?? createSweep(key, at);
  }
  return current;
}

/** Undefined where the sweep has ended. */
function stepped(sweep: KeySweep, at: Instant, key: number): KeySweep | undefined {
  if (at - sweep.lastAt > LONGEST_PAUSE_MS) return undefined;
  const step = key - sweep.last;
  if (step === 0) return sweep;
  if (isNext(sweep, step)) return { ...sweep, last: key, step, length: sweep.length + 1, lastAt: at };
  const others = sweep.others + 1;
  return others > OTHERS_PER_STEP * sweep.length ? undefined : { ...sweep, others };
}

function isNext({ step: before, length }: KeySweep, step: number): boolean {
  if (Math.abs(step) <= NEIGHBOUR_GAP) return before === 0 || Math.sign(step) === Math.sign(before);
  return length === 1 || step === before;
}

/** What the role's history learns of a sweep that ended. */
export function learnSweep(sweeps: Sample, { length, flagged, lastAt }: KeySweep): void {
  learnAmount(sweeps, length, lastAt, flagged);
}
