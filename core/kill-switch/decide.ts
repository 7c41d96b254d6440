import type { Decision, Stage, TerminalDecision } from '../domain/decision.ts';
import type { KillSwitchRule, MaskSpec, RuleAction } from '../domain/kill-switch-rule.ts';
import type { Instant } from '../domain/time.ts';
import { candidateRules } from './atom-index.ts';
import { isEngaged } from './compile-rule.ts';
import type { CompiledRule } from './compile-rule.ts';
import { EvaluationFailure } from './evaluation.ts';
import type { RuleSet } from './rule-index.ts';

export const BLOCKED_MESSAGE = 'Temporarily blocked.';

/** Stronger first, among rules of one priority. */
const STRENGTH: Readonly<Record<RuleAction['type'], number>> = { block: 0, respond: 1, strip: 2, mask: 3, log: 4 };

export interface DecideOptions {
  readonly stale?: boolean;
  /** Called for each rule whose condition is run for the fact: those the index rules out are not among them. */
  readonly onEvaluated?: (rule: CompiledRule) => void;
}

/**
 * What the rules say about one fact. Never throws: a rule that fails is reported and does not match, unless its `onError` says so.
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
  return decideAmong(candidateRules(ruleSet, fact, now), fact, now, stage, ruleSet.revision, options);
}

/** The same by asking every rule: what the index must equal. */
export function decideByLinearScan(ruleSet: RuleSet, fact: unknown, now: Instant, stage: Stage | null): Decision {
  return decideAmong(ruleSet.rules.values(), fact, now, stage, ruleSet.revision, {});
}

function decideAmong(
  rules: Iterable<CompiledRule>,
  fact: unknown,
  now: Instant,
  stage: Stage | null,
  revision: number,
  { stale = false, onEvaluated }: DecideOptions,
): Decision {
  const matching: KillSwitchRule[] = [];
  const errors: { key: string; message: string }[] = [];
  for (const compiled of rules) {
    if (!isAsked(compiled, stage) || !isEngaged(compiled, now)) continue;
    onEvaluated?.(compiled);
    if (matches(compiled, fact, now, errors)) matching.push(compiled.rule);
  }
  matching.sort(byPrecedence);
  errors.sort((left, right) => compareKeys(left.key, right.key));
  const active = matching.filter((rule) => rule.status === 'active');
  return {
    ...enforce(active.filter((rule) => rule.action.type !== 'log')),
    matched: active.map((rule) => rule.key),
    wouldMatch: matching.filter((rule) => rule.status === 'dry_run').map((rule) => rule.key),
    errors,
    revision,
    stale,
  };
}

function isAsked(compiled: CompiledRule, stage: Stage | null): boolean {
  return stage === null || compiled.stages === null || compiled.stages.includes(stage);
}

export function matches(
  { rule, condition, except }: CompiledRule,
  fact: unknown,
  now: Instant,
  errors: { key: string; message: string }[],
): boolean {
  const holds = condition.evaluate(fact, now);
  if (holds instanceof EvaluationFailure) errors.push({ key: rule.key, message: holds.message });
  const isMatch = holds === true || (holds !== false && rule.onError === 'match');
  if (!isMatch || except === null) return isMatch;
  const isExcepted = except.evaluate(fact, now);
  // An exception that cannot be shown does not apply, but its author should know.
  if (isExcepted instanceof EvaluationFailure) errors.push({ key: rule.key, message: `except: ${isExcepted.message}` });
  return isExcepted !== true;
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

/** @param rules matching rules that act, by precedence. */
function enforce(rules: readonly KillSwitchRule[]): Pick<Decision, 'terminal' | 'strip' | 'mask' | 'changedBy'> {
  const [first] = rules;
  const strip = new Set<string>();
  const masks = new Map<string, MaskSpec>();
  for (const [at, rule] of rules.entries()) {
    const { action } = rule;
    if (action.type === 'block' || action.type === 'respond') {
      if (at === 0) return { terminal: terminalOf(rule, action), strip: [], mask: [] };
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

function terminalOf(rule: KillSwitchRule, action: TerminalDecision['action']): TerminalDecision {
  const own = action.type === 'block' ? (action.message ?? '').trim() : '';
  return {
    action,
    ruleKey: rule.key,
    message: own === '' ? BLOCKED_MESSAGE : `${BLOCKED_MESSAGE} ${own}`,
    until: rule.validTo,
  };
}
