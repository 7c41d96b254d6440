import type { PatternDetector } from './pattern-context.ts';
import { callerName, formatCount, patternFinding, roleScope, shortName } from './pattern-context.ts';

/**
 * The schema asked for by a caller who never did, in a role that hardly ever does. Whoever did before, such as an
 * administrator, stays quiet.
 */
export const introspection: PatternDetector = ({ observation, role, caller, roleIsKnown, noveltyRate }) => {
  if (!observation.shape.features.introspection || role === undefined || !roleIsKnown) return [];
  if ((caller?.introspections ?? 0) > 0) return [];
  const share = role.introspections / role.requests;
  if (share > noveltyRate) return [];
  return [
    patternFinding(observation, {
      kind: 'introspection',
      subject: 'caller',
      p: (1 + role.introspections) / (1 + role.requests),
      reason:
        `${callerName(observation)} asked for the schema for the first time; role ` +
        `${shortName(observation.principal.role)} did in ${formatCount(role.introspections)} of ` +
        `${formatCount(role.requests)} requests`,
      firstSeen: {
        kind: 'introspection',
        scope: roleScope(observation),
        value: observation.principal.userId ?? '',
      },
    }),
  ];
};
