import type { Finding } from '../../domain/finding.ts';
import { MINUTE } from '../../domain/time.ts';
import { isFreshExcess } from './caller-tail.ts';
import { keysByArgument, longestRun } from './key-runs.ts';
import type { PatternDetector } from './pattern-context.ts';
import { callerName, formatCount, patternFinding, shortName } from './pattern-context.ts';
import { largestOf } from './sample.ts';
import { upperTail } from './upper-tail.ts';
import { firstKeyAt, recentKeys } from './windows.ts';

const LEAST_SCALE = 0.2;
/** A shorter run is somebody leafing through neighbours. */
const LEAST_RUN = 20;
/** … and so is one less than double the longest run the role is known for. */
const LEAST_RATIO = 2;
const FEWEST_WINDOWS = 20;

/**
 * One caller sweeps through the keys of one argument: a run of neighbouring or evenly spaced keys within a quarter of
 * an hour. Paging is not a key; a job that always does it has the run in its role's history.
 */
export const idEnumeration: PatternDetector = ({ observation, role, caller, roleIsKnown, measuredRate }) => {
  if (role === undefined || !roleIsKnown) return [];
  const { at, source } = observation;
  const asked = keysByArgument({ source, features: observation.shape.features, arguments: observation.arguments });
  const findings: Finding[] = [];
  for (const [path, added] of asked) {
    const window = caller?.keys.peek(path);
    const earlier = window === undefined ? [] : recentKeys(window, at);
    const keys = [...earlier, ...added];
    if (keys.length < LEAST_RUN) continue;
    const run = longestRun(keys);
    const usual = largestOf(role.keyRuns);
    const threshold = Math.max(LEAST_RUN, LEAST_RATIO * usual + 1);
    // A role that seldom asks by key has no distribution of runs; the length alone decides then.
    const isMeasured = role.keyRuns.values.length >= FEWEST_WINDOWS;
    const isUnusual = (length: number): boolean =>
      !isMeasured || upperTail(role.keyRuns, length, LEAST_SCALE) <= measuredRate;
    if (!isFreshExcess(longestRun(earlier).length, run.length, threshold, isUnusual)) continue;
    const p = isMeasured ? upperTail(role.keyRuns, run.length, LEAST_SCALE) : null;
    const minutes = window === undefined ? 0 : (at - firstKeyAt(window, at, run.low, run.high)) / MINUTE;
    findings.push(
      patternFinding(observation, {
        kind: 'id_enumeration',
        subject: 'caller',
        p,
        reason:
          `${callerName(observation)} asked for ${formatCount(run.length)} keys in a row of ${shortName(path)} ` +
          `${minutes < 1 ? 'within a minute' : `in ${formatCount(Math.ceil(minutes))} minutes`}; ` +
          `this role's longest run was ${formatCount(usual)}`,
      }),
    );
  }
  return findings;
};
