import type { MaskSpec } from '../domain/kill-switch-rule.ts';
import { isExactNumber } from './exact-json.ts';
import { isRecord } from './foreign-object.ts';
import { maskValue } from './mask-value.ts';
import type { KeyedHash } from './pseudonym.ts';
import { type SchemaPath, lookUpPath } from './schema-path.ts';

/** Where to mask inside a value. Lists pass through: a plan without positions holds for each of their elements. */
export interface MaskPlan {
  /** Masks the value with all that is in it; the rest of the plan then says nothing. */
  readonly mask: MaskSpec | null;
  /** By key of an object. */
  readonly members: ReadonlyMap<string, MaskPlan>;
  /** By position in a list: dimensions of an NDC group, results of a mutation. */
  readonly positions: ReadonlyMap<number, MaskPlan>;
}

export type MaskSpecs = ReadonlyMap<string, MaskSpec>;

/** By path. The first spec for a path stays: decisions list them by precedence. */
export function specsByPath(specs: readonly MaskSpec[]): MaskSpecs {
  const byPath = new Map<string, MaskSpec>();
  for (const spec of specs) if (!byPath.has(spec.path)) byPath.set(spec.path, spec);
  return byPath;
}

/** A plan while it is put together. */
export class MaskPlanDraft implements MaskPlan {
  mask: MaskSpec | null;
  readonly members = new Map<string, MaskPlanDraft>();
  readonly positions = new Map<number, MaskPlanDraft>();

  constructor(mask: MaskSpec | null = null) {
    this.mask = mask;
  }

  addMember(key: string, plan: MaskPlanDraft | null): void {
    add(this.members, key, plan);
  }

  addPosition(index: number, plan: MaskPlanDraft | null): void {
    add(this.positions, index, plan);
  }

  /** Null where it would mask nothing. */
  orNull(): MaskPlanDraft | null {
    return this.mask === null && this.members.size + this.positions.size === 0 ? null : this;
  }
}

/** Several fields may stand under one key: what any of them asks for is done. */
function add<Key>(plans: Map<Key, MaskPlanDraft>, key: Key, plan: MaskPlanDraft | null): void {
  if (!plan) return;
  const known = plans.get(key);
  if (!known) {
    plans.set(key, plan);
    return;
  }
  known.mask ??= plan.mask;
  for (const [name, member] of plan.members) known.addMember(name, member);
  for (const [index, item] of plan.positions) known.addPosition(index, item);
}

/**
 * For a value that is asked for whole: masks it, or those parts of it that a spec's path leads to, by their names. Nothing
 * renames the parts of such a value.
 */
export function planOfWhole(specs: MaskSpecs, path: SchemaPath): MaskPlanDraft | null {
  const spec = lookUpPath(specs, path);
  if (spec) return new MaskPlanDraft(spec);
  const plan = new MaskPlanDraft();
  for (const [at, below] of specs) {
    const prefix = [`${path.full}.`, `${path.short}.`].find((one) => at.startsWith(one));
    if (prefix !== undefined) addByNames(plan, at.slice(prefix.length), below);
  }
  return plan.orNull();
}

/** @param path names from the plan's own value on, dotted. */
export function addByNames(plan: MaskPlanDraft, path: string, spec: MaskSpec): void {
  let at = plan;
  for (const name of path.split('.')) {
    const member = at.members.get(name) ?? new MaskPlanDraft();
    at.members.set(name, member);
    at = member;
  }
  at.mask ??= spec;
}

export interface Masked {
  readonly value: unknown;
  /** Values replaced. */
  readonly count: number;
  /** A text stood where the plan looks for members: whether it holds what is to be masked can't be told. */
  readonly isUncertain: boolean;
}

/**
 * A copy of `value` with the plan applied; what the plan does not touch is shared, not copied.
 *
 * @param value JSON, parsed by `parseExactJson` where it is to be written again.
 */
export function applyMaskPlan(value: unknown, plan: MaskPlan, hash: KeyedHash): Masked {
  let count = 0;
  let isUncertain = false;

  function apply(item: unknown, plan: MaskPlan, nesting: number): unknown {
    if (plan.mask || nesting > MAX_LIST_NESTING) {
      count++;
      return plan.mask ? maskValue(item, plan.mask, hash) : null;
    }
    if (Array.isArray(item)) {
      if (plan.positions.size === 0) return item.map((element) => apply(element, plan, nesting + 1));
      return item.map((element, index) => applyIfAny(element, plan.positions.get(index)));
    }
    if (isRecord(item) && !isExactNumber(item)) {
      const members = Object.entries(item);
      return Object.fromEntries(members.map(([key, member]) => [key, applyIfAny(member, plan.members.get(key))]));
    }
    if (typeof item === 'string' && item !== '') isUncertain = true;
    return item;
  }

  function applyIfAny(item: unknown, plan: MaskPlan | undefined): unknown {
    return plan ? apply(item, plan, 0) : item;
  }

  const masked = apply(value, plan, 0);
  return { value: masked, count, isUncertain };
}

/** Lists directly inside lists; GraphQL types nest them a few times, and data beyond is withheld rather than shown. */
const MAX_LIST_NESTING = 32;
