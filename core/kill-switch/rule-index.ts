import type { KillSwitchRule } from '../domain/kill-switch-rule.ts';
import type { VaryingValue } from '../domain/request-facts.ts';
import type { Atom, AtomTree, Primitive } from './atoms.ts';
import { compilePart } from './compile.ts';
import type { Part } from './part.ts';
import { compileRule } from './compile-rule.ts';
import type { CompiledRule } from './compile-rule.ts';
import { FACT_SCHEMAS } from './ddn-facts.ts';
import { Evaluation, FAILURE, NEVER_OVERDUE } from './evaluation.ts';
import type { IsOverdue } from './evaluation.ts';
import { readPaths } from './fact-path.ts';
import type { FactPath } from './fact-path.ts';
import type { FactSchema } from './fact-schema.ts';
import { LIMITS } from './limits.ts';
import { isMap } from './values.ts';
import { dependencies, visitEachValue } from './varying-facts.ts';

/**
 * The engaged rules of one namespace, compiled and indexed: immutable, so that a request keeps the one it started with
 * while the next is built.
 */
export interface RuleSet {
  readonly namespace: string;
  readonly revision: number;
  /** Active and dry-run rules by key. */
  readonly rules: ReadonlyMap<string, CompiledRule>;
  readonly paths: readonly PathIndex[];
  /** Rules without an atom: asked for every fact. */
  readonly residual: readonly CompiledRule[];
  /** Rules that this version cannot compile; where there was one before, that version still holds. */
  readonly unsupported: readonly { readonly key: string; readonly message: string }[];
}

/** One path that rules compare with literals: read once per fact, whatever the number of rules. */
interface PathIndex {
  readonly kind: Atom['kind'];
  readonly reads: readonly FactPath[];
  readonly read: Part;
  readonly rulesByValue: ReadonlyMap<Primitive, readonly CompiledRule[]>;
  /** Every rule under this path, for a fact in which the path cannot be read as the index assumes. */
  readonly rules: readonly CompiledRule[];
}

export interface RuleSetInput {
  readonly namespace: string;
  readonly rules: Iterable<KillSwitchRule>;
  /** Value of the global revision counter that these rules are the state of. */
  readonly revision: number;
  /** The set that is replaced: rules whose texts did not change are not compiled again. */
  readonly previous?: RuleSet | null;
  readonly schema?: FactSchema | null;
  /** Where this service runs; rules of another environment are left out. Absent: all are taken. */
  readonly environment?: string | null;
}

/**
 * Builds the next rule set in small steps, one rule each: the caller resumes the generator for as long as its slice of time
 * lasts, then lets other work run. `buildRuleSet` runs it in one go.
 */
export function* buildRuleSetInSteps(input: RuleSetInput): Generator<undefined, RuleSet, undefined> {
  const rules = new Map<string, CompiledRule>();
  const unsupported: { key: string; message: string }[] = [];
  for (const rule of input.rules) {
    if (!isInForce(rule, input)) continue;
    const { compiled, message } = compileAnew(rule, input);
    if (compiled !== null) rules.set(rule.key, compiled);
    if (message !== null) unsupported.push({ key: rule.key, message });
    yield;
  }
  const { paths, residual } = yield* indexRules(rules);
  return { namespace: input.namespace, revision: input.revision, rules, paths, residual, unsupported };
}

export function buildRuleSet(input: RuleSetInput): RuleSet {
  const steps = buildRuleSetInSteps(input);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

export function emptyRuleSet(namespace: string): RuleSet {
  return { namespace, revision: 0, rules: new Map(), paths: [], residual: [], unsupported: [] };
}

/** Engaged by its author, and meant for this environment; validity and schedule are asked at each evaluation. */
function isInForce(rule: KillSwitchRule, { environment }: RuleSetInput): boolean {
  if (rule.status !== 'active' && rule.status !== 'dry_run') return false;
  const meant = rule.environment ?? null;
  return environment === undefined || meant === null || meant === environment;
}

function compileAnew(
  rule: KillSwitchRule,
  input: RuleSetInput,
): { compiled: CompiledRule | null; message: string | null } {
  const previous = input.previous?.rules.get(rule.key) ?? null;
  if (previous !== null && isSameRule(previous.rule, rule)) return { compiled: { ...previous, rule }, message: null };
  const schema = input.schema === undefined ? (FACT_SCHEMAS.get(rule.namespace) ?? null) : input.schema;
  const compilation = compileRule(rule, schema);
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

function* indexRules(
  rules: ReadonlyMap<string, CompiledRule>,
): Generator<undefined, { paths: PathIndex[]; residual: CompiledRule[] }, undefined> {
  const frequency = new AtomFrequency();
  for (const { atoms } of rules.values()) {
    if (atoms !== null) frequency.count(atoms);
    yield;
  }
  const paths = new Map<string, GrowingPathIndex>();
  const residual: CompiledRule[] = [];
  for (const compiled of rules.values()) {
    if (compiled.atoms === null) residual.push(compiled);
    else for (const atom of frequency.rarest(compiled.atoms).atoms) addTo(paths, atom, compiled);
    yield;
  }
  return { paths: [...paths.values()], residual };
}

interface GrowingPathIndex extends PathIndex {
  readonly rulesByValue: Map<Primitive, CompiledRule[]>;
  readonly rules: CompiledRule[];
}

function addTo(paths: Map<string, GrowingPathIndex>, atom: Atom, compiled: CompiledRule): void {
  const id = pathId(atom);
  let path = paths.get(id);
  if (path === undefined) {
    path = {
      kind: atom.kind,
      reads: readPaths(atom.path),
      read: compilePart(atom.path),
      rulesByValue: new Map(),
      rules: [],
    };
    paths.set(id, path);
  }
  path.rules.push(compiled);
  for (const value of new Set(atom.values)) {
    const bucket = path.rulesByValue.get(value);
    if (bucket === undefined) path.rulesByValue.set(value, [compiled]);
    else bucket.push(compiled);
  }
}

function pathId(atom: Atom): string {
  return `${atom.kind} ${atom.pathText}`;
}

/** How many rules name each value of each path: the fewer, the better the atom tells a rule from the others. */
class AtomFrequency {
  readonly #byPath = new Map<string, Map<Primitive, number>>();

  count(tree: AtomTree): void {
    if (tree.kind !== 'atom') {
      for (const part of tree.parts) this.count(part);
      return;
    }
    const id = pathId(tree.atom);
    const counts = this.#byPath.get(id) ?? new Map<Primitive, number>();
    this.#byPath.set(id, counts);
    for (const value of tree.atom.values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }

  /** The cheapest choice of atoms of which at least one must hold for a match. */
  rarest(tree: AtomTree): { readonly atoms: readonly Atom[]; readonly cost: number } {
    if (tree.kind === 'atom') {
      const counts = this.#byPath.get(pathId(tree.atom));
      let cost = 0;
      for (const value of tree.atom.values) cost += counts?.get(value) ?? 0;
      return { atoms: [tree.atom], cost };
    }
    const choices = tree.parts.map((part) => this.rarest(part));
    if (tree.kind === 'all') return choices.reduce((best, choice) => (choice.cost < best.cost ? choice : best));
    return {
      atoms: choices.flatMap((choice) => choice.atoms),
      cost: choices.reduce((sum, choice) => sum + choice.cost, 0),
    };
  }
}

const NOTHING: readonly VaryingValue[] = [];

/**
 * The rules that could be anything but "no match" for the fact with any of its varying values, each once. Where the time
 * is up before, every rule that reads them is one.
 */
export function candidateRules(
  ruleSet: RuleSet,
  fact: unknown,
  now: number,
  varying: readonly VaryingValue[] = NOTHING,
  isOverdue: IsOverdue = NEVER_OVERDUE,
): Iterable<CompiledRule> {
  if (ruleSet.paths.length === 0) return ruleSet.residual;
  const candidates = new Set(ruleSet.residual);
  const evaluation = new Evaluation(fact, now);
  for (const path of ruleSet.paths) {
    const values = dependencies(varying, path.reads);
    if (values.length === 0) {
      addFound(candidates, path, evaluation);
      continue;
    }
    const isComplete = visitEachValue(evaluation.fact, values, () => {
      addFound(candidates, path, evaluation);
      return !isOverdue(1);
    });
    if (!isComplete) addAll(candidates, path.rules);
  }
  return candidates;
}

function addFound(candidates: Set<CompiledRule>, path: PathIndex, evaluation: Evaluation): void {
  const value = path.read(evaluation);
  if (path.kind === 'equals') addEqual(candidates, path, value);
  else addContaining(candidates, path, value);
}

function addEqual(candidates: Set<CompiledRule>, path: PathIndex, value: unknown): void {
  if (value === FAILURE) addAll(candidates, path.rules);
  else addAll(candidates, path.rulesByValue.get(value as Primitive));
}

function addContaining(candidates: Set<CompiledRule>, path: PathIndex, value: unknown): void {
  if (value === null) return;
  if (Array.isArray(value) && value.length <= LIMITS.work) {
    for (const element of value) addAll(candidates, path.rulesByValue.get(element as Primitive));
  } else if (isMap(value)) {
    for (const key of Object.keys(value)) addAll(candidates, path.rulesByValue.get(key));
  } else {
    // A string is searched, anything else is an error: the index cannot tell.
    addAll(candidates, path.rules);
  }
}

function addAll(candidates: Set<CompiledRule>, rules: readonly CompiledRule[] | undefined): void {
  if (rules !== undefined) for (const rule of rules) candidates.add(rule);
}
