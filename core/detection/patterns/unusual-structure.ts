import type { Finding } from '../../domain/finding.ts';
import { asksOnlyForSchema } from '../../domain/query-shape.ts';
import type { PatternDetector } from './pattern-context.ts';
import { formatCount, patternFinding, shortName } from './pattern-context.ts';
import type { StructureFeature } from './profiles.ts';
import { largestOf, quantileOf } from './sample.ts';
import { upperTail } from './upper-tail.ts';

/** The counts that are compared; aliases have a detector of their own. */
const COMPARED: readonly { readonly feature: StructureFeature; readonly name: string; readonly more: number }[] = [
  { feature: 'depth', name: 'levels deep', more: 3 },
  { feature: 'fields', name: 'different fields', more: 10 },
  { feature: 'arguments', name: 'arguments', more: 5 },
  { feature: 'queryLength', name: 'characters long', more: 500 },
  { feature: 'rootFields', name: 'root fields', more: 5 },
];
const FEWEST_REQUESTS = 50;
const LEAST_RATIO = 1.5;

/**
 * A query deeper, longer or broader than anything this role sends. One-sided tails of each count, not the forest of the
 * records: a role has few shapes, so to forest and rarity nearly every new combination of counts is strange (measured by
 * test/bench/structure.bench.ts: 47 % of new ordinary queries raised against 0.2 %, for 88 % against 84 % found).
 */
export const unusualStructure: PatternDetector = ({ observation, role, roleIsKnown, measuredRate }) => {
  if (role === undefined || !roleIsKnown || asksOnlyForSchema(observation.shape)) return [];
  let strangest: { p: number; text: string } | null = null;
  for (const { feature, name, more } of COMPARED) {
    const value = observation.shape.features[feature];
    const sample = role.structure[feature];
    if (sample.values.length < FEWEST_REQUESTS) continue;
    const largest = largestOf(sample);
    if (value < largest + more || value < largest * LEAST_RATIO) continue;
    // Bonferroni over the counts that are looked at.
    const p = Math.min(1, COMPARED.length * upperTail(sample, value));
    if (p <= measuredRate && (strangest === null || p < strangest.p)) {
      const usual = formatCount(quantileOf(sample, 0.5));
      strangest = { p, text: `${formatCount(value)} ${name}; usual is ${usual}, at most ${formatCount(largest)}` };
    }
  }
  if (strangest === null) return [];
  const finding: Finding = patternFinding(observation, {
    kind: 'unusual_structure',
    subject: 'query',
    p: strangest.p,
    reason: `the query of role ${shortName(observation.principal.role)} is ${strangest.text}`,
  });
  return [finding];
};
