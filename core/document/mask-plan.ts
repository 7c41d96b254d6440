import type { MaskSpec } from '../domain/kill-switch-rule.ts';
import { isRecord } from './foreign-object.ts';
import { type KeyedHash, maskValue } from './mask-value.ts';
import type { NdcAggregate, NdcQuery } from './ndc-query.ts';
import type { NdcRequestReading } from './ndc-request.ts';
import { ROOT_PATH, type SchemaPath, childPath, lookUpPath } from './schema-path.ts';
import type { Selection } from './selection.ts';

/** Where to mask, by the keys of a response. Lists are passed through: a plan holds for each of their elements. */
export interface MaskPlan {
  readonly masks: ReadonlyMap<string, MaskSpec>;
  readonly children: ReadonlyMap<string, MaskPlan>;
  /** Masks of the elements of a list by position, under its key: the dimensions of an NDC group. */
  readonly positions: ReadonlyMap<string, ReadonlyMap<number, MaskSpec>>;
}

/** The plan for a GraphQL response, or null where no mask meets a selected field. */
export function graphqlMaskPlan(selection: Selection, specs: readonly MaskSpec[]): MaskPlan | null {
  return planOfSelection(selection, specsByPath(specs), ROOT_PATH);
}

/** The plan by paths of response keys alone, where the document is not known: a client's alias escapes it. */
export function maskPlanByKeys(specs: readonly MaskSpec[]): MaskPlan | null {
  const plan = emptyPlan();
  for (const spec of specs) {
    const steps = spec.path.split('.');
    const leaf = steps.pop() as string;
    let at = plan;
    for (const step of steps) {
      const next = at.children.get(step) ?? emptyPlan();
      at.children.set(step, next);
      at = next;
    }
    at.masks.set(leaf, spec);
  }
  return usable(plan);
}

/** The plan for each row set of an NDC response; paths are `collection.column` or `connector.collection.column`. */
export function ndcMaskPlan(reading: NdcRequestReading, specs: readonly MaskSpec[]): MaskPlan | null {
  const byPath = specsByPath(specs);
  const root = reading.roots[0];
  return root?.kind === 'query' ? planOfQuery(reading.connector, root.query, byPath) : null;
}

export interface Masked {
  readonly value: unknown;
  /** Values replaced. */
  readonly count: number;
}

/** A copy of `value` with the plan applied; what the plan does not touch is shared, not copied. */
export function applyMaskPlan(value: unknown, plan: MaskPlan, hash: KeyedHash): Masked {
  let count = 0;
  const mask = (item: unknown, spec: MaskSpec): unknown => {
    count++;
    return maskValue(item, spec, hash);
  };
  const apply = (item: unknown, plan: MaskPlan, depth: number): unknown => {
    if (depth > MAX_LIST_NESTING) return null;
    if (Array.isArray(item)) return item.map((element) => apply(element, plan, depth + 1));
    if (!isRecord(item)) return item;
    return Object.fromEntries(Object.entries(item).map(([key, member]) => [key, applyToMember(key, member, plan)]));
  };
  const applyToMember = (key: string, member: unknown, plan: MaskPlan): unknown => {
    const spec = plan.masks.get(key);
    if (spec) return mask(member, spec);
    const positions = plan.positions.get(key);
    if (positions && Array.isArray(member)) {
      return member.map((element, index) => {
        const atIndex = positions.get(index);
        return atIndex ? mask(element, atIndex) : (element as unknown);
      });
    }
    const child = plan.children.get(key);
    return child ? apply(member, child, 0) : member;
  };
  return { value: apply(value, plan, 0), count };
}

/** Lists directly inside lists; GraphQL types nest them a few times, and data beyond is withheld rather than shown. */
const MAX_LIST_NESTING = 32;

type SpecsByPath = ReadonlyMap<string, MaskSpec>;

interface MutablePlan extends MaskPlan {
  readonly masks: Map<string, MaskSpec>;
  readonly children: Map<string, MutablePlan>;
  readonly positions: Map<string, Map<number, MaskSpec>>;
}

function emptyPlan(): MutablePlan {
  return { masks: new Map(), children: new Map(), positions: new Map() };
}

function usable(plan: MutablePlan): MutablePlan | null {
  return plan.masks.size + plan.children.size + plan.positions.size === 0 ? null : plan;
}

/** The first spec for a path stays: decisions list them by precedence. */
function specsByPath(specs: readonly MaskSpec[]): SpecsByPath {
  const byPath = new Map<string, MaskSpec>();
  for (const spec of specs) if (!byPath.has(spec.path)) byPath.set(spec.path, spec);
  return byPath;
}

function planOfSelection(selection: Selection, specs: SpecsByPath, path: SchemaPath): MutablePlan | null {
  const plan = emptyPlan();
  // All fields, not `byKey`: under two type conditions one key can hold a harmless field and a masked one.
  for (const field of selection.fields) {
    const at = childPath(path, field.name);
    const spec = lookUpPath(specs, at);
    if (spec) plan.masks.set(field.key, spec);
    else if (field.selection) addChild(plan, field.key, planOfSelection(field.selection, specs, at));
  }
  return usable(plan);
}

function planOfQuery(connector: string, query: NdcQuery, specs: SpecsByPath): MutablePlan | null {
  const rows = emptyPlan();
  const path = { full: `${connector}.${query.collection}`, short: query.collection };
  for (const field of query.fields) {
    if (field.kind === 'relationship') addChild(rows, field.alias, planOfQuery(connector, field.query, specs));
    else {
      const at = columnPath(path, field.column);
      const spec = lookUpPath(specs, at);
      if (spec) rows.masks.set(field.alias, spec);
      else if (field.selection) addChild(rows, field.alias, planOfSelection(field.selection, specs, at));
    }
  }
  const plan = emptyPlan();
  addChild(plan, 'rows', usable(rows));
  addChild(plan, 'aggregates', planOfAggregates(path, query.aggregates, specs));
  addChild(plan, 'groups', planOfGroups(path, query, specs));
  return usable(plan);
}

function planOfAggregates(
  path: SchemaPath,
  aggregates: readonly NdcAggregate[],
  specs: SpecsByPath,
): MutablePlan | null {
  const plan = emptyPlan();
  for (const { alias, column, revealsValues } of aggregates) {
    const spec = lookUpPath(specs, columnPath(path, column));
    if (spec && revealsValues) plan.masks.set(alias, spec);
  }
  return usable(plan);
}

function planOfGroups(path: SchemaPath, query: NdcQuery, specs: SpecsByPath): MutablePlan | null {
  const plan = emptyPlan();
  const positions = new Map<number, MaskSpec>();
  for (const [index, column] of query.dimensions.entries()) {
    const spec = lookUpPath(specs, columnPath(path, column));
    if (spec) positions.set(index, spec);
  }
  if (positions.size > 0) plan.positions.set('dimensions', positions);
  addChild(plan, 'aggregates', planOfAggregates(path, query.groupAggregates, specs));
  return usable(plan);
}

/** Both spellings of a column; names of collections and columns may be those of a connection's steps. */
function columnPath(path: SchemaPath, column: string): SchemaPath {
  return { full: `${path.full}.${column}`, short: `${path.short}.${column}` };
}

function addChild(plan: MutablePlan, key: string, child: MutablePlan | null): void {
  if (!child) return;
  const known = plan.children.get(key);
  if (!known) {
    plan.children.set(key, child);
    return;
  }
  for (const [name, spec] of child.masks) known.masks.set(name, spec);
  for (const [name, grandchild] of child.children) addChild(known, name, grandchild);
  for (const [name, positions] of child.positions) known.positions.set(name, positions);
}
