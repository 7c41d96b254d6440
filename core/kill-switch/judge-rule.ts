import type { VaryingValue } from '../domain/request-facts.ts';
import { UNKNOWN } from '../domain/request-facts.ts';
import type { Instant } from '../domain/time.ts';
import type { CompiledRule } from './compile-rule.ts';
import { EvaluationFailure, NEVER_OVERDUE } from './evaluation.ts';
import type { IsOverdue } from './evaluation.ts';
import { putFirst, putUnknown, putValue, readsAround, withoutKnowing } from './varying-facts.ts';

/** How often one rule is evaluated for one request; what is not decided by then counts as undecided. */
export const MAX_EVALUATIONS = 10_000;

/** What a rule is asked about. */
export interface Question {
  readonly fact: unknown;
  /** Those that the rule reads. */
  readonly varying: readonly VaryingValue[];
  /** Epoch milliseconds. */
  readonly now: Instant;
  readonly isOverdue: IsOverdue;
}

/** The question about a fact of which everything is known. */
export function questionAbout(fact: unknown, now: Instant): Question {
  return { fact, varying: [], now, isOverdue: NEVER_OVERDUE };
}

/** `undecided`: with what is not known of the request, or was not gone through in time, the rule may match or not. */
export type Verdict = 'match' | 'no_match' | 'undecided';

/** Why a rule could not be evaluated: the first reason, whatever the number of values it was asked about. */
export interface Failures {
  condition: string | null;
  except: string | null;
}

/**
 * Whether a rule matches the fact with any combination of its varying values. They start as unknown and are put in one place after the other, for as long as the rule is undecided:
 * a false part of an `and` rules out all combinations behind it at once.
 */
export function judgeRule(compiled: CompiledRule, question: Question, failures: Failures): Verdict {
  const { varying } = question;
  if (varying.length === 0) return evaluate(compiled, question.fact, question, failures);
  const fact = question.fact as object;
  // An unknown inside a map that is read as a whole would be taken for a value.
  const isReadAround = readsAround(varying, compiled.reads);
  let evaluations = 0;

  const search = (at: number): Verdict => {
    if (question.isOverdue(1)) return 'undecided';
    if (at === varying.length || !isReadAround) {
      if (++evaluations > MAX_EVALUATIONS) return 'undecided';
      const verdict = evaluate(compiled, fact, question, failures);
      if (at === varying.length || verdict !== 'undecided') return verdict;
    }
    const { path, values } = varying[at] as VaryingValue;
    for (const value of values) {
      putValue(fact, path, value);
      const verdict = search(at + 1);
      if (verdict !== 'no_match') return verdict;
    }
    putValue(fact, path, isReadAround ? values[0] : UNKNOWN);
    return 'no_match';
  };

  if (isReadAround) {
    const whatever = evaluate(compiled, withoutKnowing(fact, varying), question, failures);
    if (whatever !== 'undecided') return whatever;
  } else {
    putUnknown(fact, varying);
  }
  try {
    return search(0);
  } finally {
    putFirst(fact, varying);
  }
}

function evaluate(
  { rule, condition, except }: CompiledRule,
  fact: unknown,
  { now, isOverdue }: Question,
  failures: Failures,
): Verdict {
  const holds = condition.evaluate(fact, now, isOverdue);
  let verdict: Verdict = holds === true ? 'match' : 'no_match';
  if (holds instanceof EvaluationFailure) {
    if (holds.isUndecided) verdict = 'undecided';
    else {
      failures.condition ??= holds.message;
      if (rule.onError === 'match') verdict = 'match';
    }
  }
  if (verdict === 'no_match' || except === null) return verdict;
  const isExcepted = except.evaluate(fact, now, isOverdue);
  if (isExcepted === true) return 'no_match';
  if (isExcepted instanceof EvaluationFailure) {
    if (isExcepted.isUndecided) return 'undecided';
    // An exception that cannot be shown does not apply, but its author should know.
    if (verdict === 'match') failures.except ??= isExcepted.message;
  }
  return verdict;
}
