import { unprocessable } from '../../core/domain/errors.ts';
import { evaluationOf, evaluationQuestion, explanationOf } from '../../core/services/verbs/kill-switch-functions.ts';
import { checkArguments, type Verb } from '../../core/services/verbs/verb.ts';
import type { KillSwitchRestServices } from './kill-switch-rest-services.ts';
import { argumentsOf, type Body } from './verb-body.ts';

/**
 * `{namespace, fact, explain, ruleKey}`: what the rules in force say about a fact, from memory, whether the store answers
 * or not. With `explain: true` also each part of the condition of the rule named, or of the one that decides; who asks
 * that looks into a rule, and is not counted.
 */
export function evaluate(
  { verbs, programs, enforced, clock }: Pick<KillSwitchRestServices, 'verbs' | 'programs' | 'enforced' | 'clock'>,
  body: Body,
): unknown {
  const { explain, ruleKey, ...question } = body;
  if (explain !== undefined && typeof explain !== 'boolean') {
    throw unprocessable('ARGUMENT_TYPE', '"explain" must be true or false.', { path: 'explain' });
  }
  const verb = verbs.verbs.get('kill_switch_evaluate') as Verb;
  const args = argumentsOf(verb, { ...question, ...(explain === true && { explain: ruleKey ?? null }) });
  const { namespace, fact, explain: named } = evaluationQuestion(checkArguments(verb, args));
  const decision = explain === true ? enforced.evaluate(namespace, fact) : programs.decide(namespace, fact);
  const result = evaluationOf(decision);
  const explained = explain === true ? (named ?? result.rule_key ?? result.matched[0] ?? result.would_match[0]) : null;
  const { action, rule_key, message, until, body: answer, strip, mask } = result;
  return {
    matches: result.matches,
    decision: { action, ruleKey: rule_key, message, until, body: answer, strip, mask },
    matched: result.matched,
    wouldMatch: result.would_match,
    errors: decision.errors,
    revision: result.revision,
    stale: result.stale,
    ...(explained && {
      explanation: {
        ruleKey: explained,
        parts: explanationOf(enforced.ruleSet(namespace), explained, fact, clock.now()),
      },
    }),
  };
}
