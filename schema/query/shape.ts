import { beyondRange, isBeyondRange } from './aggregate-range.ts';
import type { Catalogue } from '../catalogue.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { completeValue, insideWire, ownValue, valueAt } from './codec.ts';
import type { Row, RowSet } from './form.ts';
import { scalarKindOf } from './value-types.ts';
import type { AggregatePlan, FieldPlan, KeySource, NamedAggregate, NestedPlan, QueryPlan } from './plan.ts';

/** One row of the source of a statement: a variable set and the parent's keys, or a value in memory, in wire form. */
export interface SourceRow {
  readonly set: number;
  readonly keys: readonly unknown[];
  readonly value?: unknown;
}

/** Where a RowSet of a child goes once it is there. */
interface Hole {
  readonly row: Row;
  readonly alias: string;
  /** Into `source`; -1 where a key is null, which meets nothing. */
  readonly ordinal: number;
}

/** What the rows of one level ask of one relationship field: the distinct keys, and where the answers go. */
export class ChildRequests {
  readonly plan: QueryPlan;
  readonly source: SourceRow[] = [];
  readonly #holes: Hole[] = [];
  readonly #ordinals = new Map<unknown, number>();

  constructor(plan: QueryPlan) {
    this.plan = plan;
  }

  add(row: Row, alias: string, set: number, keys: readonly unknown[]): void {
    row[alias] = null; // keeps its place among the keys until it is filled
    this.#holes.push({ row, alias, ordinal: this.#ordinal(set, keys) });
  }

  fill(answers: readonly RowSet[]): void {
    for (const { row, alias, ordinal } of this.#holes) row[alias] = answers[ordinal] ?? emptyAnswer(this.plan);
  }

  #ordinal(set: number, given: readonly unknown[]): number {
    const keys = given.map((key, i) => targetKey(this.plan, i, key));
    if (keys.includes(null)) return -1;
    const { dependsOnVariables } = this.plan;
    const identity =
      keys.length === 1 && !dependsOnVariables ? keys[0] : JSON.stringify([dependsOnVariables ? set : 0, ...keys]);
    const known = this.#ordinals.get(identity);
    if (known !== undefined) return known;
    const ordinal = this.source.push({ set, keys }) - 1;
    this.#ordinals.set(identity, ordinal);
    return ordinal;
  }
}

export interface ShapeContext {
  readonly catalogue: Catalogue;
  readonly set: number;
  readonly children: readonly ChildRequests[];
  /** Answers a query over a list of objects that is in memory; its relationship fields hang on the same children. */
  readonly answerNested: (plan: QueryPlan, rows: readonly unknown[], context: ShapeContext) => RowSet;
}

/** A row of the answer from fetched cells in wire form, or from a JSON object. */
export function shapeRow(context: ShapeContext, fields: readonly FieldPlan[], source: unknown): Row {
  const row: Row = {};
  for (const field of fields) {
    if (field.kind === 'relationship') {
      const keys = field.keys.map((key) => keyValue(source, key));
      context.children[field.child]?.add(row, field.alias, context.set, keys);
      continue;
    }
    const value = read(source, field.source.index, field.source.column);
    if (field.nested) row[field.alias] = shapeNested(context, field.nested, value);
    else row[field.alias] = Array.isArray(source) ? value : completeValue(context.catalogue, field.type.type, value);
  }
  return row;
}

/**
 * The aggregates of an answer; refuses a value beyond the range of its kind.
 * @param at place of the aggregates in the request
 */
export function shapeAggregates(
  outputs: readonly NamedAggregate[],
  at: string,
  valueOf: (aggregate: AggregatePlan, index: number) => unknown,
): Row {
  const row: Row = {};
  for (const [index, { alias, aggregate }] of outputs.entries()) {
    const value = valueOf(aggregate, index);
    if (isBeyondRange(aggregate, value)) throw beyondRange(aggregate, `${at}.${alias}`);
    row[alias] = value;
  }
  return row;
}

/** The answer of a query that has no rows: known without asking. */
export function emptyAnswer(plan: QueryPlan): RowSet {
  const answer: RowSet = {};
  if (plan.rows) answer.rows = [];
  if (plan.aggregates) answer.aggregates = shapeAggregates(plan.aggregates, plan.at, emptyAggregate);
  if (plan.groups) answer.groups = [];
  return answer;
}

/** Counts are 0, sums 0 in the form of their kind, everything else null. */
function emptyAggregate(aggregate: AggregatePlan): unknown {
  if (aggregate.kind !== 'function') return 0;
  if (aggregate.function !== 'sum') return null;
  return aggregate.result === 'int64' ? '0' : 0;
}

function shapeNested(context: ShapeContext, plan: NestedPlan, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (plan.kind === 'object') return shapeRow(context, plan.fields, value);
  if (!Array.isArray(value)) return null;
  if (plan.kind === 'collection') return context.answerNested(plan.query, value, context);
  return value.map((element) => shapeNested(context, plan.of, element));
}

function keyValue(source: unknown, { index, column, fieldPath, kind }: KeySource): unknown {
  return insideWire(kind, valueAt(read(source, index, column), fieldPath));
}

/** A fetched row is an array of cells, anything else in memory a JSON object. */
function read(source: unknown, index: number, column: string): unknown {
  return Array.isArray(source) ? (source as unknown[])[index] : ownValue(source, column);
}

/** The key in the kind of the column it meets; null where that kind can't hold it, so that nothing is met. */
function targetKey(plan: QueryPlan, index: number, value: unknown): unknown {
  const column = plan.keys[index];
  if (value === null || !column) return null;
  const convert = CONVERT[scalarKindOf(column.type)];
  return convert ? convert(value) : value;
}

const CONVERT: Partial<Record<ScalarKind, (value: unknown) => unknown>> = {
  int32: (value) => (Number(value) === (Number(value) | 0) ? Number(value) : null),
  int64: (value) => (typeof value === 'string' ? value : Number.isSafeInteger(value) ? String(value) : null),
  float64: Number,
};
