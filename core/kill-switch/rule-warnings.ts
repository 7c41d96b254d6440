import type { CoverageGap } from '../domain/kill-switch-rule.ts';
import type { Instant } from '../domain/time.ts';
import type { AtomTree } from './atoms.ts';
import { isConstantTrue } from './constant-rule.ts';
import type { CompiledRule } from './compile-rule.ts';
import type { RuleSet } from './rule-index.ts';
import { findingsOf, GAP_MESSAGES } from './rule-reach.ts';

/** What the author of an accepted rule should know. Codes are public. */
export interface RuleWarning {
  readonly code: CoverageGap | 'MATCHES_EVERYTHING' | 'NOT_INDEXED' | 'OVERLAP';
  readonly message: string;
}

/** So many rules without an atom are asked for every fact before their authors are told. */
export const RESIDUAL_LIMIT = 200;

/** @param ruleSet the namespace's rules in force, with or without the rule itself. */
export function warningsOf(compiled: CompiledRule, ruleSet: RuleSet, now: Instant): readonly RuleWarning[] {
  const gaps = findingsOf(compiled).reach?.gaps ?? [];
  const warnings: RuleWarning[] = gaps.map((code) => ({ code, message: GAP_MESSAGES[code] }));
  if (isConstantTrue(compiled, now)) {
    warnings.push({
      code: 'MATCHES_EVERYTHING',
      message: 'The rule matches a fact that holds nothing, and so every request.',
    });
  }
  if (compiled.atoms === null && ruleSet.residual.length > RESIDUAL_LIMIT) {
    warnings.push({
      code: 'NOT_INDEXED',
      message: `The rule cannot be indexed and is asked for every request, as ${ruleSet.residual.length} others are; compare a path with a literal.`,
    });
  }
  const overlapping = overlappingKeys(compiled, ruleSet);
  if (overlapping.length > 0) {
    const message = `The same requests are answered differently by ${overlapping.join(', ')}: priority, action and key decide.`;
    warnings.push({ code: 'OVERLAP', message });
  }
  return warnings;
}

/** Rules with the same atoms and another terminal action. */
function overlappingKeys(compiled: CompiledRule, ruleSet: RuleSet): string[] {
  const answer = terminalAnswer(compiled);
  if (answer === null || compiled.atoms === null) return [];
  const atoms = atomsText(compiled.atoms);
  return [...ruleSet.rules.values()]
    .filter((other) => other.rule.key !== compiled.rule.key && other.atoms !== null)
    .filter((other) => ![null, answer].includes(terminalAnswer(other)) && atomsText(other.atoms as AtomTree) === atoms)
    .map((other) => other.rule.key);
}

function terminalAnswer({ rule: { action } }: CompiledRule): string | null {
  if (action.type === 'block') return 'block';
  return action.type === 'respond' ? `respond ${JSON.stringify(action.body)}` : null;
}

/** The atoms in an order of their own, so that the author's order does not matter. */
function atomsText(tree: AtomTree): string {
  if (tree.kind === 'atom') {
    const { kind, pathText, values } = tree.atom;
    return `${kind} ${pathText} ${values
      .map((value) => JSON.stringify(value))
      .sort()
      .join()}`;
  }
  return `${tree.kind}(${tree.parts.map(atomsText).sort().join('; ')})`;
}
