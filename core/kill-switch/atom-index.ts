import type { VaryingValue } from '../domain/request-facts.ts';
import { AtomFrequency, cheapestAtoms, pathId } from './atom-frequency.ts';
import type { Atom, Primitive } from './atoms.ts';
import { compilePart } from './compile.ts';
import type { CompiledRule } from './compile-rule.ts';
import { Evaluation, FAILURE, NEVER_OVERDUE } from './evaluation.ts';
import type { IsOverdue } from './evaluation.ts';
import { readPaths } from './fact-path.ts';
import type { FactPath } from './fact-path.ts';
import { LayeredMap } from './layered-map.ts';
import { LIMITS } from './limits.ts';
import type { Part } from './part.ts';
import { isMap } from './values.ts';
import { dependencies, visitEachValue } from './varying-facts.ts';

/** A rule with its place in an index. */
export interface IndexedRule extends CompiledRule {
  /** The atoms under which it is found, one of which must hold for a match; none: it is asked for every fact. */
  readonly foundBy: readonly Atom[];
}

/** Rules by what must hold for a match: immutable. */
export interface AtomIndex {
  readonly paths: readonly PathIndex[];
  /** Rules without an atom: asked for every fact. */
  readonly residual: readonly IndexedRule[];
  /** How often the rules named each literal when the index was last built whole. */
  readonly frequency: AtomFrequency;
  /** Rules put in since then, by that frequency and not by their own. */
  readonly addedSince: number;
}

/** One path that rules compare with literals: read once per fact, whatever the number of rules. */
interface PathIndex {
  readonly id: string;
  readonly kind: Atom['kind'];
  /** What of the fact it reads. */
  readonly reads: readonly FactPath[];
  readonly read: Part;
  readonly rulesByValue: LayeredMap<Primitive, readonly IndexedRule[]>;
}

export const EMPTY_INDEX: AtomIndex = { paths: [], residual: [], frequency: new AtomFrequency(), addedSince: 0 };

/** An index of these rules and no others, by their own frequencies, a rule per step; and the rules by key. */
export function* indexInSteps(
  rules: Iterable<CompiledRule>,
): Generator<undefined, { readonly index: AtomIndex; readonly placed: Map<string, IndexedRule> }, undefined> {
  const compiled = [...rules];
  const frequency = new AtomFrequency();
  for (const { atoms } of compiled) {
    frequency.count(atoms);
    yield;
  }
  const draft = new IndexDraft({ ...EMPTY_INDEX, frequency });
  const placed = new Map<string, IndexedRule>();
  for (const rule of compiled) {
    placed.set(rule.rule.key, draft.add(rule));
    yield;
  }
  return { index: { ...draft.finish(), addedSince: 0 }, placed };
}

/**
 * More rules were put in by old frequencies than these were counted of: time to build the index whole. Rebuilding at
 * every doubling costs a fixed number of steps per rule added.
 */
export function hasDrifted({ frequency, addedSince }: AtomIndex): boolean {
  return addedSince > frequency.rules;
}

/** The index after one: only what changes is copied, and the one before stays as it is. */
export class IndexDraft {
  readonly #before: AtomIndex;
  readonly #paths: Map<string, PathDraft>;
  /** A copy, once it changes. */
  #residual: IndexedRule[] | null = null;
  #added = 0;

  constructor(before: AtomIndex) {
    this.#before = before;
    this.#paths = new Map(before.paths.map((path) => [path.id, new PathDraft(path)]));
  }

  add(compiled: CompiledRule): IndexedRule {
    this.#added++;
    const foundBy = compiled.atoms === null ? [] : cheapestAtoms(compiled.atoms, (atom) => this.#costOf(atom)).atoms;
    const rule = { ...compiled, foundBy };
    if (foundBy.length === 0) this.#ownResidual().push(rule);
    for (const atom of foundBy) {
      const path = this.#pathOf(atom);
      for (const value of new Set(atom.values)) path.bucket(value).push(rule);
    }
    return rule;
  }

  remove(rule: IndexedRule): void {
    if (rule.foundBy.length === 0) takeOut(this.#ownResidual(), rule);
    for (const atom of rule.foundBy) {
      const path = this.#pathOf(atom);
      for (const value of new Set(atom.values)) takeOut(path.bucket(value), rule);
    }
  }

  finish(): AtomIndex {
    return {
      paths: [...this.#paths.values()].map((path) => path.finish()).filter((path) => path.rulesByValue.size > 0),
      residual: this.#residual ?? this.#before.residual,
      frequency: this.#before.frequency,
      addedSince: this.#before.addedSince + this.#added,
    };
  }

  /**
   * How many rules share the atom's literals, as counted when the index was last built; or how many are found by them
   * by now, where that is more.
   */
  #costOf(atom: Atom): number {
    const id = pathId(atom);
    const path = this.#paths.get(id);
    let cost = 0;
    for (const value of atom.values) {
      cost += Math.max(this.#before.frequency.of(id, value), path?.sizeOf(value) ?? 0);
    }
    return cost;
  }

  #ownResidual(): IndexedRule[] {
    return (this.#residual ??= [...this.#before.residual]);
  }

  #pathOf(atom: Atom): PathDraft {
    const id = pathId(atom);
    let path = this.#paths.get(id);
    if (path === undefined) {
      path = new PathDraft({
        id,
        kind: atom.kind,
        reads: readPaths(atom.path),
        read: compilePart(atom.path),
        rulesByValue: LayeredMap.of(new Map()),
      });
      this.#paths.set(id, path);
    }
    return path;
  }
}

class PathDraft {
  readonly #before: PathIndex;
  /** Copies of the buckets that change. */
  readonly #changed = new Map<Primitive, IndexedRule[]>();

  constructor(before: PathIndex) {
    this.#before = before;
  }

  sizeOf(value: Primitive): number {
    return (this.#changed.get(value) ?? this.#before.rulesByValue.get(value))?.length ?? 0;
  }

  /** The rules found by the value, for the caller to change. */
  bucket(value: Primitive): IndexedRule[] {
    let bucket = this.#changed.get(value);
    if (bucket === undefined) {
      bucket = [...(this.#before.rulesByValue.get(value) ?? [])];
      this.#changed.set(value, bucket);
    }
    return bucket;
  }

  finish(): PathIndex {
    if (this.#changed.size === 0) return this.#before;
    return { ...this.#before, rulesByValue: this.#rulesByValue() };
  }

  #rulesByValue(): LayeredMap<Primitive, readonly IndexedRule[]> {
    const { rulesByValue } = this.#before;
    const emptied = [...this.#changed].filter(([, rules]) => rules.length === 0).map(([value]) => value);
    if (rulesByValue.size === 0) {
      for (const value of emptied) this.#changed.delete(value);
      return LayeredMap.of(this.#changed);
    }
    const changes: Map<Primitive, readonly IndexedRule[] | null> = this.#changed;
    for (const value of emptied) changes.set(value, null);
    return rulesByValue.with(changes);
  }
}

function takeOut(rules: IndexedRule[], rule: IndexedRule): void {
  const at = rules.indexOf(rule);
  if (at >= 0) rules.splice(at, 1);
}

/**
 * The rules that could be anything but "no match" for the fact with any of its varying values, each once. Where the time
 * is up before, every rule that reads them is one.
 */
export function candidateRules(
  index: AtomIndex,
  fact: unknown,
  now: number,
  varying: readonly VaryingValue[] = NOTHING,
  isOverdue: IsOverdue = NEVER_OVERDUE,
): Iterable<CompiledRule> {
  if (index.paths.length === 0) return index.residual;
  const candidates = new Set<CompiledRule>(index.residual);
  const evaluation = new Evaluation(fact, now);
  for (const path of index.paths) {
    const values = dependencies(varying, path.reads);
    if (values.length === 0) {
      addFound(candidates, path, evaluation);
      continue;
    }
    const isComplete = visitEachValue(evaluation.fact, values, () => {
      addFound(candidates, path, evaluation);
      return !isOverdue(1);
    });
    if (!isComplete) addEvery(candidates, path);
  }
  return candidates;
}

const NOTHING: readonly VaryingValue[] = [];

function addFound(candidates: Set<CompiledRule>, path: PathIndex, evaluation: Evaluation): void {
  const value = path.read(evaluation);
  if (path.kind === 'equals') addEqual(candidates, path, value);
  else addContaining(candidates, path, value);
}

function addEqual(candidates: Set<CompiledRule>, path: PathIndex, value: unknown): void {
  if (value === FAILURE) addEvery(candidates, path);
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
    addEvery(candidates, path);
  }
}

/** Every rule under the path, for a fact in which it cannot be read as the index assumes. */
function addEvery(candidates: Set<CompiledRule>, path: PathIndex): void {
  for (const rules of path.rulesByValue.values()) addAll(candidates, rules);
}

function addAll(candidates: Set<CompiledRule>, rules: readonly CompiledRule[] | undefined): void {
  if (rules !== undefined) for (const rule of rules) candidates.add(rule);
}
