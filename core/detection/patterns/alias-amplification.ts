import type { PatternDetector } from './pattern-context.ts';
import { formatCount, patternFinding, shortName } from './pattern-context.ts';
import { largestOf } from './sample.ts';
import { upperTail } from './upper-tail.ts';

const LEAST_ALIASES = 20;
/** Aliases per distinct field from which fields are repeated rather than renamed. */
const LEAST_REPETITION = 3;
/** So many repetitions are an attack whoever sends them, also from a role that is still learning. */
const CERTAIN_ALIASES = 200;
const FEWEST_REQUESTS = 50;

/** One field asked for many times under aliases: a way around a limit of one request, or a guess in bulk. */
export const aliasAmplification: PatternDetector = ({ observation, role, measuredRate }) => {
  const { aliases, fields } = observation.shape.features;
  if (aliases < LEAST_ALIASES || aliases < LEAST_REPETITION * Math.max(1, fields)) return [];
  const sample = role?.structure.aliases;
  const isKnown = sample !== undefined && sample.values.length >= FEWEST_REQUESTS;
  if (!isKnown && aliases < CERTAIN_ALIASES) return [];
  const p = isKnown ? upperTail(sample, aliases) : null;
  if (p !== null && p > measuredRate) return [];
  const usual = isKnown ? `; this role used at most ${formatCount(largestOf(sample))}` : '';
  return [
    patternFinding(observation, {
      kind: 'alias_amplification',
      subject: 'query',
      p,
      reason:
        `a query of role ${shortName(observation.principal.role)} asks for ${formatCount(fields)} different fields under ` +
        `${formatCount(aliases)} aliases${usual}`,
    }),
  ];
};
