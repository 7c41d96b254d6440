import { sql } from 'kysely';
import type { RowCount, Sql } from './dialect.ts';
import type { QueryLimits } from './limits.ts';
import { aggregateSql, columnSql, kindOf, orderBySql, tableSql, whereSql, windowSql } from './lower-expression.ts';
import type { LowerContext, RowScope, RowScopes } from './lower-expression.ts';
import { lowerPredicate, pathAggregateSql, pathColumnSql } from './lower-predicate.ts';
import type { AggregatePlan, ColumnPlan, QueryPlan, SortPlan } from './plan.ts';
import { scalarKindOf } from './value-types.ts';

export interface LowerQueryContext extends LowerContext {
  readonly plan: QueryPlan;
  /** FROM item `s`, or null where there is one answer and no variable. */
  readonly source: Sql | null;
  /** There is one answer, with or without a source: a plain limit does, which lets an index give the order. */
  readonly isSingle: boolean;
  readonly limits: QueryLimits;
}

export interface BaseRows {
  readonly sql: Sql;
  /** Condition on its column `rn` that applies offset and limit; null where they are applied in it already. */
  readonly page: Sql | null;
}

/**
 * One more row than may be answered: that it came tells that there are too many. Part of the text, as it is ours: a
 * statement without parameters spares PostgreSQL's driver a third of its work (measured).
 */
export function capOf({ limits }: LowerQueryContext): RowCount {
  const rows = limits.rows + 1;
  return { rows, sql: sql.lit(rows) };
}

/** The limit of a query that is answered at once. */
export function limitOf(context: LowerQueryContext, limit: number | null): RowCount {
  return limit !== null && limit <= context.limits.rows ? { rows: limit, sql: sql`${limit}` } : capOf(context);
}

/**
 * The filtered rows of a query with the columns asked for, in order. Where each source row has a limit of its own, the
 * rows carry their rank `rn` instead, and `page` picks.
 */
export function baseRows(context: LowerQueryContext, select: (scopes: RowScopes) => readonly Sql[]): BaseRows {
  const { plan, source, isSingle, dialect } = context;
  const row: RowScope = { kind: 'table', alias: context.alias(), depth: 0 };
  const scopes = [row];
  const order = plan.orderBy.map((sort) => sortKey(context, scopes, sort));
  const columns = [...(source ? [sql`s.o as o`] : []), ...select(scopes)];
  const rest = sql`from ${fromSql(context, row)}${whereSql(conditions(context, scopes))}`;
  if (isSingle) {
    const page = dialect.page(limitOf(context, plan.limit), plan.offset);
    const selected = columns.length === 0 ? sql`1 as c0` : sql.join(columns);
    return { sql: sql`select ${selected} ${rest}${orderBySql(context, order)} ${page}`, page: null };
  }
  if (plan.limit === null && plan.offset === 0) {
    const ordered = orderBySql(context, [sql`s.o`, ...order]);
    return { sql: sql`select ${sql.join(columns)} ${rest}${ordered} ${dialect.page(capOf(context), 0)}`, page: null };
  }
  const rank = sql`row_number() over (partition by s.o${orderBySql(context, order)}) as rn`;
  return {
    sql: sql`select ${sql.join([...columns, rank])} ${rest}`,
    page: pageCondition(sql`b.rn`, plan),
  };
}

/**
 * FROM clause `b` of the rows that aggregates and groups are over, and the SQL of each aggregate's value there. Unlike
 * the rows that are answered they are bounded by nothing but the query's own limit.
 */
export function aggregateColumns(
  context: LowerQueryContext,
  aggregates: readonly AggregatePlan[],
  extra: readonly ((scopes: RowScopes) => Sql)[],
  partition: readonly Sql[],
): { readonly from: Sql; readonly value: (aggregate: AggregatePlan) => Sql } {
  const names = new Map<string, string>();
  const keys = aggregates.flatMap((aggregate) => (aggregate.kind === 'star-count' ? [] : [aggregate]));
  for (const { column } of distinctBy(keys, columnKey)) names.set(pathKey(column), `a${names.size}`);
  const base = unboundedRows(context, (scopes) => [
    ...distinctBy(keys, columnKey).map(
      (aggregate) =>
        sql`${columnSql(context, scopes, aggregate.column)} as ${sql.id(names.get(columnKey(aggregate)) as string)}`,
    ),
    ...extra.map((column) => column(scopes)),
  ]);
  const argument = (aggregate: AggregatePlan): Sql =>
    aggregate.kind === 'star-count' ? sql`1` : sql.id('b', names.get(columnKey(aggregate)) as string);
  const over = partition.length === 0 ? sql`` : sql`partition by ${sql.join(partition)}`;
  const windows = new Map<string, { name: string; sql: Sql }>();
  for (const aggregate of aggregates) {
    const key = aggregateKey(aggregate);
    const window = windowSql(context, aggregate, argument(aggregate), over);
    if (window && !windows.has(key)) windows.set(key, { name: `w${windows.size}`, sql: window });
  }
  const beside = [...windows.values()].map(({ name, sql: window }) => sql`${window} as ${sql.id(name)}`);
  const { as } = context.dialect;
  const paged = sql`from (${base.sql}) ${as}b${whereSql(base.page ? [base.page] : [])}`;
  const from = beside.length === 0 ? paged : sql`from (select b.*, ${sql.join(beside)} ${paged}) ${as}b`;
  const value = (aggregate: AggregatePlan): Sql => {
    const windowed = windows.get(aggregateKey(aggregate));
    return aggregateSql(context, aggregate, argument(aggregate), windowed ? sql.id('b', windowed.name) : sql``);
  };
  return { from, value };
}

/** Equal for aggregates that are the same value. */
export function aggregateKey(aggregate: AggregatePlan): string {
  switch (aggregate.kind) {
    case 'star-count':
      return '*';
    case 'column-count':
      return `${aggregate.distinct ? 'distinct' : 'count'} ${columnKey(aggregate)}`;
    case 'function':
      return `${aggregate.function} ${columnKey(aggregate)}`;
  }
}

export function pageCondition(
  rank: Sql,
  { limit, offset }: { readonly limit: number | null; readonly offset: number },
): Sql {
  const after = sql`${rank} > ${offset}`;
  return limit === null ? after : sql`${after} and ${rank} <= ${offset + limit}`;
}

function unboundedRows(context: LowerQueryContext, select: (scopes: RowScopes) => readonly Sql[]): BaseRows {
  const { plan, source } = context;
  if (plan.limit !== null || plan.offset > 0) {
    return baseRows({ ...context, limits: { ...context.limits, rows: Number.MAX_SAFE_INTEGER - 1 } }, select);
  }
  const row: RowScope = { kind: 'table', alias: context.alias(), depth: 0 };
  const columns = [...(source ? [sql`s.o as o`] : []), ...select([row])];
  const selected = columns.length === 0 ? sql`1 as c0` : sql.join(columns);
  const rows = sql`select ${selected} from ${fromSql(context, row)}${whereSql(conditions(context, [row]))}`;
  return { sql: rows, page: null };
}

function fromSql(context: LowerQueryContext, row: RowScope): Sql {
  const collection = context.plan.collection;
  // Queries over rows in memory are evaluated, not lowered.
  if (!collection) throw new Error('A query without a collection has no SQL.');
  const table = tableSql(context, collection, row);
  return context.source ? sql`${context.source} ${context.dialect.sourceJoin} ${table}` : table;
}

function conditions(context: LowerQueryContext, scopes: RowScopes): Sql[] {
  const { plan, dialect } = context;
  const keys = plan.keys.map((key, i) =>
    dialect.operators.equal(columnSql(context, scopes, key), sql.id('s', `k${i}`), scalarKindOf(key.type)),
  );
  return plan.predicate ? [...keys, lowerPredicate(context, scopes, plan.predicate)] : keys;
}

function sortKey(context: LowerQueryContext, scopes: RowScopes, { target, direction, nullable }: SortPlan): Sql {
  const { dialect } = context;
  const value =
    target.kind === 'column'
      ? dialect.binary(kindOf(target.column.type), pathColumnSql(context, scopes, target.path, target.column))
      : aggregateSortValue(context, scopes, target);
  return sql`${value} ${sql.raw(direction)}${nullable ? dialect.nullsSmallest[direction] : sql``}`;
}

function aggregateSortValue(
  context: LowerQueryContext,
  scopes: RowScopes,
  target: Extract<SortPlan['target'], { readonly kind: 'aggregate' }>,
): Sql {
  const value = pathAggregateSql(context, scopes, target.path, target.aggregate);
  const isText = target.aggregate.kind === 'function' && target.aggregate.result === 'string';
  return isText ? context.dialect.binary('string', value) : value;
}

function columnKey(aggregate: Exclude<AggregatePlan, { readonly kind: 'star-count' }>): string {
  return pathKey(aggregate.column);
}

function pathKey({ column, fieldPath }: ColumnPlan): string {
  return [column, ...fieldPath].join('\0');
}

function distinctBy<T>(values: readonly T[], key: (value: T) => string): T[] {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}
