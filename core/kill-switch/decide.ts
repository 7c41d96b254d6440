import type { Decision, Stage, TerminalDecision } from '../domain/decision.ts';
import type { KillSwitchRule, MaskSpec, RuleAction } from '../domain/kill-switch-rule.ts';
import type { VaryingValue } from '../domain/request-facts.ts';
import type { Instant } from '../domain/time.ts';
import { candidateRules } from './atom-index.ts';
import { isEngaged } from './compile-rule.ts';
import type { CompiledRule } from './compile-rule.ts';
import { NEVER_OVERDUE } from './evaluation.ts';
import type { IsOverdue } from './evaluation.ts';
import { judgeRule } from './judge-rule.ts';
import type { Failures, Question } from './judge-rule.ts';
import type { RuleSet } from './rule-index.ts';
import { dependencies } from './varying-facts.ts';

export const BLOCKED_MESSAGE = 'Temporarily blocked.';

/** Added where a rule could not be decided, since not all of the request is known. */
export const UNDECIDED_MESSAGE = 'The request is too large or nested too deep to be judged.';

/**
 * Steps of a decision before the clock is asked at all, and from one time to the next. A millisecond's worth is free, so
 * that a pause of the process alone never ends a decision that itself takes next to nothing.
 */
const STEPS_BEFORE_CLOCK = 5_000;
const STEPS_PER_CLOCK = 256;

/** Stronger first, among rules of one priority. */
const STRENGTH: Readonly<Record<RuleAction['type'], number>> = { block: 0, respond: 1, strip: 2, mask: 3, log: 4 };

export interface DecideOptions {
  readonly stale?: boolean;
  /** Called for each rule whose condition is run for the fact: those the index rules out are not among them. */
  readonly onEvaluated?: (rule: CompiledRule) => void;
  /** What the request has several values of: see `RequestFacts`. */
  readonly varying?: readonly VaryingValue[];
  /**
   * Asked of the clock from time to time; true ends the decision. Rules that read what varies then count as undecided,
   * as the request itself took the time; where others were not asked, the decision is `unfinished`.
   */
  readonly isOverdue?: () => boolean;
}

/**
 * What the rules say about one fact. Never throws: a rule that fails is reported and does not match, unless its `onError` says so.
 * A rule that cannot be decided without what is unknown of the fact matches.
 *
 * @param now epoch milliseconds; validity and `now` in conditions are read against it.
 * @param stage where in the request the question is asked; null asks every rule, for namespaces without stages.
 */
export function decide(
  ruleSet: RuleSet,
  fact: unknown,
  now: Instant,
  stage: Stage | null,
  options: DecideOptions = {},
): Decision {
  const isOverdue = byTheClock(options.isOverdue);
  const candidates = candidateRules(ruleSet, fact, now, options.varying, isOverdue);
  return decideAmong(candidates, fact, now, stage, ruleSet.revision, options, isOverdue);
}

/** The same by asking every rule: what the index must equal. */
export function decideByLinearScan(
  ruleSet: RuleSet,
  fact: unknown,
  now: Instant,
  stage: Stage | null,
  options: DecideOptions = {},
): Decision {
  const isOverdue = byTheClock(options.isOverdue);
  return decideAmong(ruleSet.rules.values(), fact, now, stage, ruleSet.revision, options, isOverdue);
}

function decideAmong(
  rules: Iterable<CompiledRule>,
  fact: unknown,
  now: Instant,
  stage: Stage | null,
  revision: number,
  { stale = false, varying = NOTHING, onEvaluated }: DecideOptions,
  isOverdue: IsOverdue,
): Decision {
  const failures: Failures = { condition: null, except: null };
  const matching: KillSwitchRule[] = [];
  const undecided = new Set<KillSwitchRule>();
  const errors: { key: string; message: string }[] = [];
  const judge = (compiled: CompiledRule, question: Question): void => {
    onEvaluated?.(compiled);
    const verdict = judgeRule(compiled, question, failures);
    if (failures.condition !== null || failures.except !== null) report(compiled.rule.key, failures, errors);
    if (verdict === 'undecided') undecided.add(compiled.rule);
    if (verdict !== 'no_match') matching.push(compiled.rule);
  };

  // Rules that ask for much come last, so that no request can use up the time before the others are asked.
  const costly: [CompiledRule, Question][] = [];
  const once: Question = { fact, varying: NOTHING, now, isOverdue };
  for (const compiled of rules) {
    if (!isAsked(compiled, stage) || !isEngaged(compiled, now)) continue;
    const read = dependencies(varying, compiled.reads);
    if (read.length > 0) costly.push([compiled, { ...once, varying: read }]);
    else if (!isOverdue(1)) judge(compiled, once);
  }
  const unfinished = isOverdue(0);
  for (const [compiled, question] of costly) judge(compiled, question);

  matching.sort(byPrecedence);
  errors.sort((left, right) => compareKeys(left.key, right.key));
  const active = matching.filter((rule) => rule.status === 'active');
  const acting = active.filter((rule) => rule.action.type !== 'log');
  return {
    ...enforce(acting, undecided),
    matched: active.map((rule) => rule.key),
    wouldMatch: matching.filter((rule) => rule.status === 'dry_run').map((rule) => rule.key),
    errors,
    revision,
    stale,
    ...(unfinished && { unfinished }),
  };
}

const NOTHING: readonly VaryingValue[] = [];

/** Asks the clock every so many steps; once the time is up it stays so. */
function byTheClock(isOverdue: (() => boolean) | undefined): IsOverdue {
  if (isOverdue === undefined) return NEVER_OVERDUE;
  let left = STEPS_BEFORE_CLOCK;
  let isUp = false;
  return (steps) => {
    left -= steps;
    if (left < 0 && !isUp) {
      left = STEPS_PER_CLOCK;
      isUp = isOverdue();
    }
    return isUp;
  };
}

/** Moves the failures of a rule to the errors. */
function report(key: string, failures: Failures, errors: { key: string; message: string }[]): void {
  if (failures.condition !== null) errors.push({ key, message: failures.condition });
  if (failures.except !== null) errors.push({ key, message: `except: ${failures.except}` });
  failures.condition = failures.except = null;
}

function isAsked(compiled: CompiledRule, stage: Stage | null): boolean {
  return stage === null || compiled.stages === null || compiled.stages.includes(stage);
}

function byPrecedence(left: KillSwitchRule, right: KillSwitchRule): number {
  return (
    right.priority - left.priority ||
    STRENGTH[left.action.type] - STRENGTH[right.action.type] ||
    compareKeys(left.key, right.key)
  );
}

function compareKeys(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * @param rules matching rules that act, by precedence.
 * @param undecided those of them that match for want of knowledge.
 */
function enforce(
  rules: readonly KillSwitchRule[],
  undecided: ReadonlySet<KillSwitchRule>,
): Pick<Decision, 'terminal' | 'strip' | 'mask' | 'changedBy'> {
  const [first] = rules;
  const strip = new Set<string>();
  const masks = new Map<string, MaskSpec>();
  for (const [at, rule] of rules.entries()) {
    const { action } = rule;
    if (action.type === 'block' || action.type === 'respond') {
      if (at === 0) return { terminal: terminalOf(rule, action, undecided.has(rule)), strip: [], mask: [] };
      // What precedes a terminal action applies instead of it.
      break;
    }
    if (action.type === 'strip') for (const path of action.paths) strip.add(path);
    if (action.type === 'mask') {
      for (const mask of action.masks) if (!masks.has(mask.path)) masks.set(mask.path, mask);
    }
  }
  return {
    terminal: null,
    strip: [...strip],
    mask: [...masks.values()].filter((mask) => !isStripped(mask.path, strip)),
    ...(first && { changedBy: first.key }),
  };
}

function isStripped(path: string, stripped: ReadonlySet<string>): boolean {
  for (let end = path.length; end !== -1; end = path.lastIndexOf('.', end - 1)) {
    if (stripped.has(path.slice(0, end))) return true;
    if (end === 0) return false;
  }
  return false;
}

function terminalOf(rule: KillSwitchRule, action: TerminalDecision['action'], isUndecided: boolean): TerminalDecision {
  const answer = { ruleKey: rule.key, until: rule.validTo };
  if (isUndecided) {
    // An answer that was written for other requests would mislead: the request is refused instead.
    const refusal: TerminalDecision['action'] = action.type === 'block' ? action : { type: 'block' };
    return { ...answer, action: refusal, message: `${BLOCKED_MESSAGE} ${UNDECIDED_MESSAGE}` };
  }
  const own = action.type === 'block' ? (action.message ?? '').trim() : '';
  return { ...answer, action, message: own === '' ? BLOCKED_MESSAGE : `${BLOCKED_MESSAGE} ${own}` };
}
