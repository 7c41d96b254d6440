import { DDN_NAMESPACE } from '../domain/kill-switch-rule.ts';
import type { Instant } from '../domain/time.ts';
import type { CompiledRule } from './compile-rule.ts';
import { judgeRule, questionAbout } from './judge-rule.ts';

/**
 * Whether the rule matches whatever the fact, and so needs a confirmation: it matches a fact that holds nothing, either
 * as an absent name or as the empty list and map that some stages give, or nothing but what every request has.
 */
export function isConstantTrue(compiled: CompiledRule, now: Instant): boolean {
  const facts = compiled.rule.namespace === DDN_NAMESPACE ? DDN_FACTS : EMPTY_FACTS;
  return facts.some(
    (fact) => judgeRule(compiled, questionAbout(fact, now), { condition: null, except: null }) === 'match',
  );
}

const EMPTY_FACTS: readonly object[] = [
  {},
  { session: {}, headers: {}, arguments: {}, variables: {}, rootFields: [], fields: [], depth: 0 },
];

const DDN_FACTS = EMPTY_FACTS.map((fact) => ({ ...fact, namespace: DDN_NAMESPACE }));
