import type { Decision } from '../domain/decision.ts';
import type { Instant } from '../domain/time.ts';
import { isEngaged } from './compile-rule.ts';
import { decide } from './decide.ts';
import type { RuleSet } from './rule-index.ts';

/**
 * A rule or a whole namespace as feature-flag tools see it. `disabled`: not active now (in dry run, before or after its
 * validity, outside its schedule).
 */
export type FlagOutcome = 'match' | 'no_match' | 'disabled' | 'error';

export interface FlagEvaluation {
  readonly outcome: FlagOutcome;
  /** True: the switch is thrown. */
  readonly engaged: boolean;
  /** Why it could not be evaluated. */
  readonly message: string | null;
}

/** Undefined where no such rule is in force. */
export function evaluateRuleFlag(
  ruleSet: RuleSet,
  key: string,
  fact: unknown,
  now: Instant,
): FlagEvaluation | undefined {
  const compiled = ruleSet.rules.get(key);
  if (compiled === undefined) return undefined;
  if (compiled.rule.status !== 'active' || !isEngaged(compiled, now)) return flag('disabled');
  const decision = decide(ruleSet, fact, now, null);
  if (decision.matched.includes(key)) return flag('match');
  const failure = decision.errors.find((error) => error.key === key);
  return failure === undefined ? flag('no_match') : { ...flag('error'), message: failure.message };
}

function flag(outcome: FlagOutcome): FlagEvaluation {
  return { outcome, engaged: outcome === 'match', message: null };
}

/** The decision of a namespace as a JSON value: what a program acts on. */
export function decisionValue(decision: Decision): {
  readonly matches: boolean;
  readonly action: string | null;
  readonly ruleKey: string | null;
  readonly message: string | null;
  readonly matched: readonly string[];
} {
  const { terminal, matched } = decision;
  return {
    matches: matched.length > 0,
    action: terminal?.action.type ?? null,
    ruleKey: terminal?.ruleKey ?? null,
    message: terminal?.message ?? null,
    matched,
  };
}
