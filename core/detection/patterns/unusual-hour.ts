import { HOUR } from '../../domain/time.ts';
import { slotOf, unusualHourTail } from './hour-profile.ts';
import type { PatternDetector } from './pattern-context.ts';
import { callerName, formatCount, patternFinding, shortName } from './pattern-context.ts';

/** Fewer active hours or days of a caller are no habit yet. */
const FEWEST_HOURS = 30;
const FEWEST_DAYS = 4;

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/**
 * A caller active at an hour of the week that is unusual for the caller, the more so if it is for the role. Reported once per
 * caller and hour. A caller without a user id is the role, whose habits are the only ones known.
 */
export const unusualHour: PatternDetector = ({ observation, role, caller, roleIsKnown, measuredRate }) => {
  if (role === undefined || caller === undefined || !roleIsKnown) return [];
  if (caller.hours.hours < FEWEST_HOURS || caller.hours.days < FEWEST_DAYS) return [];
  const p = unusualHourTail(caller.hours, observation.at, role.hours);
  if (p > measuredRate) return [];
  const isUsualForRole = unusualHourTail(role.hours, observation.at) > measuredRate;
  const slot = slotOf(observation.at);
  const hour = String(slot % 24).padStart(2, '0');
  const { source, principal } = observation;
  return [
    patternFinding(observation, {
      kind: 'unusual_hour',
      subject: 'caller',
      p,
      reason:
        `${callerName(observation)} is active on ${DAYS[Math.floor(slot / 24)]} at ${hour}:00 UTC; none of ` +
        `${formatCount(caller.hours.hours)} active hours on ${formatCount(caller.hours.days)} days were near it, ` +
        `${isUsualForRole ? 'unlike some' : 'nor any'} of role ${shortName(principal.role)}`,
      firstSeen: {
        kind: 'hour',
        scope: `${source}:${principal.role}:${principal.userId ?? ''}`,
        value: new Date(Math.floor(observation.at / HOUR) * HOUR).toISOString().slice(0, 13),
      },
    }),
  ];
};
