import type { Stage } from '../domain/decision.ts';
import type { KillSwitchRule } from '../domain/kill-switch-rule.ts';
import { finish } from '../domain/steps.ts';
import { type AtomIndex, EMPTY_INDEX, hasDrifted, IndexDraft, type IndexedRule, indexInSteps } from './atom-index.ts';
import { compileRule } from './compile-rule.ts';
import type { CompiledRule } from './compile-rule.ts';
import type { FactSchema } from './fact-schema.ts';
import { LayeredMap } from './layered-map.ts';

/**
 * The engaged rules of one namespace, compiled and indexed: immutable, so that a request keeps the one it started with
 * while the next is built.
 */
export interface RuleSet extends AtomIndex {
  readonly namespace: string;
  readonly revision: number;
  /** Active and dry-run rules by key. */
  readonly rules: LayeredMap<string, IndexedRule>;
  /** How many of the rules are asked at each stage; without rules, or without stages, there is no entry. */
  readonly askedAt: ReadonlyMap<Stage, number>;
  /** Rules that this version cannot compile; where there was one before, that version still holds. */
  readonly unsupported: readonly UnsupportedRule[];
}

export interface UnsupportedRule {
  readonly key: string;
  readonly message: string;
}

/** What rules are compiled for. */
export interface RuleSurroundings {
  /** By default the schema that comes with the product for the namespace, if any. */
  readonly schema?: FactSchema | null;
  /** Where this service runs; rules of another environment are left out. Absent: all are taken. */
  readonly environment?: string | null;
}

export interface RuleSetInput extends RuleSurroundings {
  readonly namespace: string;
  readonly rules: Iterable<KillSwitchRule>;
  /** Value of the global revision counter that these rules are the state of. */
  readonly revision: number;
  /** The set that is replaced: rules whose texts did not change are not compiled again. */
  readonly previous?: RuleSet | null;
}

export interface RuleSetChanges extends RuleSurroundings {
  /** The rules of the namespace that changed, as they are now, whatever their status. */
  readonly rules: Iterable<KillSwitchRule>;
  readonly revision: number;
}

/**
 * Builds a rule set of these rules and no others in small steps, one rule each: the caller resumes the generator for as
 * long as its slice of time lasts, then lets other work run. `buildRuleSet` runs it in one go.
 */
export function* buildRuleSetInSteps(input: RuleSetInput): Generator<undefined, RuleSet, undefined> {
  const compiled = new Map<string, CompiledRule>();
  const unsupported: UnsupportedRule[] = [];
  for (const rule of input.rules) {
    const outcome = compileAnew(rule, input.previous?.rules.get(rule.key) ?? null, input);
    if (outcome.compiled !== null) compiled.set(rule.key, outcome.compiled);
    if (outcome.message !== null) unsupported.push({ key: rule.key, message: outcome.message });
    yield;
  }
  const { index, placed } = yield* indexInSteps(compiled.values());
  return {
    ...index,
    namespace: input.namespace,
    revision: input.revision,
    rules: LayeredMap.of(placed),
    askedAt: countStages(new Map(), [], placed.values()),
    unsupported,
  };
}

export function buildRuleSet(input: RuleSetInput): RuleSet {
  return finish(buildRuleSetInSteps(input));
}

/**
 * The rule set after changes of some rules, in steps like a whole build. The work is in proportion to the changes: what
 * they leave alone is shared with the set before. Only when the index has drifted (`hasDrifted`) it is built anew.
 */
export function* changeRuleSetInSteps(
  previous: RuleSet,
  changes: RuleSetChanges,
): Generator<undefined, RuleSet, undefined> {
  const draft = new IndexDraft(previous);
  const changed = new Map<string, IndexedRule | null>();
  const unsupported = new Map(previous.unsupported.map((rule) => [rule.key, rule]));
  const [removed, added]: [IndexedRule[], IndexedRule[]] = [[], []];
  for (const rule of changes.rules) {
    const { key } = rule;
    const before = changed.has(key) ? (changed.get(key) ?? null) : (previous.rules.get(key) ?? null);
    const { compiled, message } = compileAnew(rule, before, changes);
    unsupported.delete(key);
    if (message !== null) unsupported.set(key, { key, message });
    if (compiled !== before) {
      const after = compiled && draft.add(compiled);
      changed.set(key, after);
      if (before !== null) {
        draft.remove(before);
        removed.push(before);
      }
      if (after !== null) added.push(after);
    }
    yield;
  }
  // Copying what many rules changed takes as long as a slice: the caller may pause before it.
  yield;
  const next: RuleSet = {
    ...previous,
    ...draft.finish(),
    revision: changes.revision,
    rules: previous.rules.with(changed),
    askedAt: countStages(previous.askedAt, removed, added),
    unsupported: [...unsupported.values()],
  };
  return hasDrifted(next) ? yield* indexedAnew(next) : next;
}

export function changeRuleSet(previous: RuleSet, changes: RuleSetChanges): RuleSet {
  return finish(changeRuleSetInSteps(previous, changes));
}

function* indexedAnew(ruleSet: RuleSet): Generator<undefined, RuleSet, undefined> {
  const { index, placed } = yield* indexInSteps(ruleSet.rules.values());
  return { ...ruleSet, ...index, rules: LayeredMap.of(placed) };
}

export function emptyRuleSet(namespace: string): RuleSet {
  return {
    ...EMPTY_INDEX,
    namespace,
    revision: 0,
    rules: LayeredMap.of(new Map()),
    askedAt: new Map(),
    unsupported: [],
  };
}

/** Engaged by its author, and meant for this environment; validity and schedule are asked at each evaluation. */
function isInForce(rule: KillSwitchRule, { environment }: RuleSurroundings): boolean {
  if (rule.status !== 'active' && rule.status !== 'dry_run') return false;
  const meant = rule.environment ?? null;
  return environment === undefined || meant === null || meant === environment;
}

/** The rule as it is to be asked from now on, null: not at all; and why it could not be compiled as it is. */
function compileAnew(
  rule: KillSwitchRule,
  previous: IndexedRule | null,
  surroundings: RuleSurroundings,
): { readonly compiled: CompiledRule | null; readonly message: string | null } {
  if (!isInForce(rule, surroundings)) return { compiled: null, message: null };
  if (previous !== null && isSameRule(previous.rule, rule)) return { compiled: { ...previous, rule }, message: null };
  const compilation = compileRule(rule, surroundings.schema);
  if (compilation.ok) return { compiled: compilation.compiled, message: null };
  const { field, message } = compilation.error;
  return { compiled: previous, message: `${field}: ${message}` };
}

/** Same texts, same kind of action and same windows: then all that was compiled is the same. */
function isSameRule(before: KillSwitchRule, after: KillSwitchRule): boolean {
  return (
    before.condition === after.condition &&
    before.except === after.except &&
    before.action.type === after.action.type &&
    before.languageVersion === after.languageVersion &&
    JSON.stringify(before.schedule ?? null) === JSON.stringify(after.schedule ?? null)
  );
}

function countStages(
  before: ReadonlyMap<Stage, number>,
  removed: Iterable<CompiledRule>,
  added: Iterable<CompiledRule>,
): ReadonlyMap<Stage, number> {
  const counts = new Map(before);
  const add = (rules: Iterable<CompiledRule>, one: 1 | -1) => {
    for (const { stages } of rules) for (const stage of stages ?? []) counts.set(stage, (counts.get(stage) ?? 0) + one);
  };
  add(removed, -1);
  add(added, 1);
  for (const [stage, count] of counts) if (count === 0) counts.delete(stage);
  return counts;
}
