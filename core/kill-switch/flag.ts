import type { Decision } from '../domain/decision.ts';
import type { MaskSpec, RuleAction } from '../domain/kill-switch-rule.ts';
import type { Instant } from '../domain/time.ts';
import { isEngaged } from './compile-rule.ts';
import { type Failures, judgeRule, questionAbout } from './judge-rule.ts';
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
  /** Why it, or its exception, could not be evaluated; beside a match where it matches all the same. */
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
  const failures: Failures = { condition: null, except: null };
  const verdict = judgeRule(compiled, questionAbout(fact, now), failures);
  const message = failures.condition ?? failures.except;
  if (verdict === 'match') return { ...flag('match'), message };
  return message === null ? flag('no_match') : { ...flag('error'), message };
}

function flag(outcome: FlagOutcome): FlagEvaluation {
  return { outcome, engaged: outcome === 'match', message: null };
}

/** The decision of a namespace as a JSON value: all that a program needs to act on it. */
export interface DecisionValue {
  readonly matches: boolean;
  /** What is to be done; null where no rule matches, or those that do only log. */
  readonly action: Exclude<RuleAction['type'], 'log'> | null;
  /** The rule that decides, of several that strip or mask the first. */
  readonly ruleKey: string | null;
  readonly message: string | null;
  /** What `respond` answers. */
  readonly body: unknown;
  /** Paths to leave out. */
  readonly strip: readonly string[];
  readonly mask: readonly MaskSpec[];
  readonly matched: readonly string[];
}

export function decisionValue({ terminal, strip, mask, changedBy, matched }: Decision): DecisionValue {
  return {
    matches: matched.length > 0,
    action: terminal?.action.type ?? (strip.length > 0 ? 'strip' : mask.length > 0 ? 'mask' : null),
    ruleKey: terminal?.ruleKey ?? changedBy ?? null,
    message: terminal?.message ?? null,
    body: terminal?.action.type === 'respond' ? terminal.action.body : null,
    strip,
    mask,
    matched,
  };
}
