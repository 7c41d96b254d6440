import type { DdnFact } from '../core/document/ddn-facts.ts';
import type { Decision, Stage } from '../core/domain/decision.ts';
import type { MaskSpec } from '../core/domain/kill-switch-rule.ts';
import type { PluginServices } from './plugin-services.ts';

/**
 * The decision on all facts of one request (see `graphqlFacts`, `ndcFacts`): a terminal action on any of them ends the
 * request, else their strips and masks apply together. Undefined when the deadline passes first, which only a decision
 * that is asked for elsewhere can do.
 */
export async function decideRequest(
  services: Pick<PluginServices, 'decide' | 'countDecision'>,
  facts: readonly DdnFact[],
  stage: Stage,
  deadlineMs: number,
): Promise<Decision | undefined> {
  const decision = await answerTo(services, facts, stage, deadlineMs);
  if (decision) services.countDecision(decision, facts[0]?.role ?? '', stage);
  return decision;
}

function answerTo(
  services: Pick<PluginServices, 'decide'>,
  facts: readonly DdnFact[],
  stage: Stage,
  deadlineMs: number,
): Decision | Promise<Decision | undefined> {
  const answers = facts.map((fact) => services.decide(fact, stage));
  if (answers.every((answer): answer is Decision => !(answer instanceof Promise))) return combineDecisions(answers);
  return withDeadline(Promise.all(answers.map((answer) => Promise.resolve(answer))).then(combineDecisions), deadlineMs);
}

export function combineDecisions(decisions: readonly Decision[]): Decision {
  const first = decisions[0] as Decision;
  if (decisions.length === 1) return first;
  const terminal = decisions.find((decision) => decision.terminal !== null)?.terminal ?? null;
  return {
    terminal,
    strip: terminal ? [] : distinct(decisions.flatMap((decision) => decision.strip)),
    mask: terminal ? [] : firstPerPath(decisions.flatMap((decision) => decision.mask)),
    ...(terminal ? {} : changedBy(decisions)),
    matched: distinct(decisions.flatMap((decision) => decision.matched)),
    wouldMatch: distinct(decisions.flatMap((decision) => decision.wouldMatch)),
    errors: decisions.flatMap((decision) => decision.errors),
    revision: first.revision,
    stale: decisions.some((decision) => decision.stale),
  };
}

function changedBy(decisions: readonly Decision[]): Pick<Decision, 'changedBy'> {
  const decision = decisions.find((one) => one.changedBy !== undefined);
  return decision?.changedBy === undefined ? {} : { changedBy: decision.changedBy };
}

/** The value, or undefined after `ms`; a failure that comes later is the failure of nobody. */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function firstPerPath(masks: readonly MaskSpec[]): MaskSpec[] {
  const byPath = new Map<string, MaskSpec>();
  for (const mask of masks) if (!byPath.has(mask.path)) byPath.set(mask.path, mask);
  return [...byPath.values()];
}
