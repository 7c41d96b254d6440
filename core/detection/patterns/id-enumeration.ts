import { HOUR, type Instant, MINUTE } from '../../domain/time.ts';
import { isFreshExcess } from './caller-tail.ts';
import { keysByArgument, longestRun } from './key-runs.ts';
import { sweptOn } from './key-sweep.ts';
import type { PatternContext, PatternDetector } from './pattern-context.ts';
import { callerName, formatCount, patternFinding, shortName } from './pattern-context.ts';
import type { RoleProfile } from './profiles.ts';
import { largestOf, type Sample } from './sample.ts';
import { upperTail } from './upper-tail.ts';
import { firstKeyAt, recentKeys } from './windows.ts';

/** A shorter run is somebody leafing through neighbours. */
const LEAST_RUN = 20;
/** Over hours people leaf further. */
const LEAST_SWEEP = 60;
/** … and so is one less than double the longest that the role is known for. */
const LEAST_RATIO = 2;
const FEWEST_WINDOWS = 20;
/** Runs and sweeps share the rate. */
const TESTS = 2;

/**
 * One caller sweeps through the keys of one argument: a run of neighbouring or evenly spaced keys within a quarter of
 * an hour, in whatever order, or one step after the other over hours. Paging is not a key; a job that always does it has
 * it in its role's history.
 */
export const idEnumeration: PatternDetector = (context) => {
  const { observation, role, roleIsKnown } = context;
  if (role === undefined || !roleIsKnown) return [];
  const { source, shape } = observation;
  const asked = keysByArgument({ source, features: shape.features, arguments: observation.arguments });
  return [...asked].flatMap(([path, keys]) => {
    const run = recentRun(context, path, keys);
    const excess = excessOf(role.keyRuns, LEAST_RUN, run, context.measuredRate / TESTS);
    // Whoever was found by the run is not told of twice.
    const found = excess.isLarge ? excess.found && run : slowSweep(context, role, path, keys);
    if (!found) return [];
    const { after, since } = found;
    const history = excess.isLarge ? role.keyRuns : role.keySweeps;
    return [
      patternFinding(observation, {
        kind: 'id_enumeration',
        subject: 'caller',
        p: tailOf(history, after),
        reason:
          `${callerName(observation)} asked for ${formatCount(after)} keys in a row of ${shortName(path)} ` +
          `${duration(observation.at - since)}; this role's longest run was ${formatCount(largestOf(history))}`,
      }),
    ];
  });
};

/** How many keys in a row before the request and with it, and since when. */
interface KeysInARow {
  readonly before: number;
  readonly after: number;
  readonly since: Instant;
}

function recentRun(
  { observation: { at }, caller }: PatternContext,
  path: string,
  added: readonly number[],
): KeysInARow {
  const window = caller?.keys.peek(path);
  const earlier = window === undefined ? [] : recentKeys(window, at);
  const run = longestRun([...earlier, ...added]);
  const since = window === undefined ? at : firstKeyAt(window, at, run.low, run.high);
  return { before: longestRun(earlier).length, after: run.length, since };
}

function slowSweep(
  { observation: { at }, caller, measuredRate }: PatternContext,
  role: RoleProfile,
  path: string,
  added: readonly number[],
): KeysInARow | false {
  const sweep = caller?.sweeps.peek(path);
  const after = sweptOn(sweep, at, added);
  if (sweep === undefined || after === undefined || after.startedAt !== sweep.startedAt) return false;
  const steps = { before: sweep.length, after: after.length, since: sweep.startedAt };
  return excessOf(role.keySweeps, LEAST_SWEEP, steps, measuredRate / TESTS).found && steps;
}

function excessOf(
  history: Sample,
  least: number,
  { before, after }: KeysInARow,
  rate: number,
): { readonly isLarge: boolean; readonly found: boolean } {
  const threshold = Math.max(least, LEAST_RATIO * largestOf(history) + 1);
  const isUnusual = (length: number): boolean => (tailOf(history, length) ?? 0) <= rate;
  return { isLarge: after >= threshold, found: isFreshExcess(before, after, threshold, isUnusual) };
}

/** Null for a role that seldom asks by key: it has no distribution of runs, and the length alone decides. */
function tailOf(history: Sample, length: number): number | null {
  return history.values.length < FEWEST_WINDOWS ? null : upperTail(history, length);
}

function duration(ms: number): string {
  if (ms < MINUTE) return 'within a minute';
  return ms < 2 * HOUR
    ? `in ${formatCount(Math.ceil(ms / MINUTE))} minutes`
    : `in ${formatCount(Math.ceil(ms / HOUR))} hours`;
}
