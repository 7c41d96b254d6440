import { comparedAggregate, evaluateAggregate } from './evaluate-aggregate.ts';
import { extractColumn, isSame, rowsAtPath } from './evaluate-path.ts';
import type { EvaluateContext } from './evaluate-path.ts';
import { groupSatisfies, satisfies } from './evaluate-predicate.ts';
import { EXTRACTION_FUNCTIONS } from './extraction-functions.ts';
import type { Group } from './form.ts';
import { aggregateKind } from './plan.ts';
import type { AggregatePlan, DimensionPlan, GroupsPlan, QueryPlan, SortPlan } from './plan.ts';
import { canonicalJson, compareScalars } from './scalar-values.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { shapeAggregates } from './shape.ts';
import { scalarKindOf } from './value-types.ts';

/** The rows of a query: those that match its keys and predicate, in order, paged. */
export function evaluateRows(
  context: EvaluateContext,
  plan: QueryPlan,
  rows: readonly unknown[],
  keys: readonly unknown[],
): readonly unknown[] {
  const { predicate, orderBy, offset, limit } = plan;
  const matching = rows.filter(
    (row) =>
      plan.keys.every((column, i) => isSame(keys[i] ?? null, extractColumn([row], column), column)) &&
      (predicate === null || (context.related?.get(row)?.matches ?? satisfies(context, [row], predicate))),
  );
  const sorted = sortBy(
    matching,
    orderBy.map((sort) => sortKey(context, sort)),
  );
  return sorted.slice(offset, limit === null ? undefined : offset + limit);
}

/** @param at place of the groups in the request */
export function evaluateGroups(
  context: EvaluateContext,
  plan: GroupsPlan,
  rows: readonly unknown[],
  at: string,
): Group[] {
  const partitions = Map.groupBy(rows, (row) =>
    canonicalJson(plan.dimensions.map((one) => dimensionValue(context, one, row))),
  );
  const groups = [...partitions.values()]
    .map((members) => ({ members, dimensions: plan.dimensions.map((one) => dimensionValue(context, one, members[0])) }))
    .filter(
      ({ members }) =>
        plan.predicate === null || groupSatisfies(context, plan.predicate, (one) => comparedAggregate(one, members)),
    );
  const asked = plan.orderBy.map(({ target, direction }): Key<(typeof groups)[number]> => {
    if (target.kind === 'dimension') return dimensionKey(plan, target.index, direction);
    return {
      direction,
      kind: aggregateKind(target.aggregate),
      value: ({ members }) => comparedAggregate(target.aggregate, members),
    };
  });
  const sorted = sortBy(groups, [...asked, ...plan.dimensions.map((_, index) => dimensionKey(plan, index, 'asc'))]);
  return sorted
    .slice(plan.offset, plan.limit === null ? undefined : plan.offset + plan.limit)
    .map(({ members, dimensions }) => ({
      dimensions,
      aggregates: shapeAggregates(plan.outputs, `${at}.aggregates`, (one: AggregatePlan) =>
        evaluateAggregate(one, members),
      ),
    }));
}

interface Key<T> {
  readonly direction: 'asc' | 'desc';
  readonly kind: ScalarKind;
  readonly value: (item: T) => unknown;
}

function sortKey(context: EvaluateContext, sort: SortPlan): Key<unknown> {
  const { target, direction } = sort;
  if (target.kind === 'aggregate') {
    const value = (row: unknown): unknown =>
      comparedAggregate(target.aggregate, rowsAtPath(context, [row], target.path, satisfies));
    return { direction, kind: aggregateKind(target.aggregate), value: known(context, sort, value) };
  }
  const value = (row: unknown): unknown => columnAtPath(context, row, target);
  return { direction, kind: scalarKindOf(target.column.type), value: known(context, sort, value) };
}

/** What the database has said of a row, or else what is computed. */
function known(
  context: EvaluateContext,
  key: SortPlan | DimensionPlan,
  compute: (row: unknown) => unknown,
): (row: unknown) => unknown {
  return (row) => {
    const keys = context.related?.get(row)?.keys;
    return keys?.has(key) ? keys.get(key) : compute(row);
  };
}

function dimensionKey(
  plan: GroupsPlan,
  index: number,
  direction: 'asc' | 'desc',
): Key<{ readonly dimensions: readonly unknown[] }> {
  return {
    direction,
    kind: scalarKindOf((plan.dimensions[index] as DimensionPlan).result),
    value: ({ dimensions }) => dimensions[index],
  };
}

function dimensionValue(context: EvaluateContext, dimension: DimensionPlan, row: unknown): unknown {
  const value = known(context, dimension, (one) => columnAtPath(context, one, dimension))(row);
  if (value === null || dimension.extraction === null) return value;
  return EXTRACTION_FUNCTIONS[dimension.extraction].extract(new Date(value as string));
}

function columnAtPath(
  context: EvaluateContext,
  row: unknown,
  { path, column }: Pick<DimensionPlan, 'path' | 'column'>,
): unknown {
  if (path.length === 0) return extractColumn([row], column);
  const [end] = rowsAtPath(context, [row], path, satisfies);
  return end === undefined ? null : extractColumn([end], column);
}

/** Sort values are computed once per item; null is smaller than any value. */
function sortBy<T>(items: readonly T[], keys: readonly Key<T>[]): readonly T[] {
  if (keys.length === 0) return items;
  const keyed = items.map((item) => ({ item, values: keys.map((key) => key.value(item)) }));
  keyed.sort((a, b) => {
    for (const [i, { direction, kind }] of keys.entries()) {
      const order = compareNullable(kind, a.values[i], b.values[i]);
      if (order !== 0) return direction === 'asc' ? order : -order;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}

function compareNullable(kind: ScalarKind, a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareScalars(kind, a, b);
}
