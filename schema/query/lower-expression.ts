import { sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { LEAST_INT64, MOST_INT64 } from './aggregate-range.ts';
import type { CollectionDef } from '../catalogue.ts';
import type { Dialect, OneRow, Sql } from './dialect.ts';
import type { AggregatePlan, ColumnPlan, RequestPlan } from './plan.ts';
import { scalarKindOf } from './value-types.ts';
import type { FieldType } from './value-types.ts';

/** What lowering one statement needs. */
export interface LowerContext {
  readonly dialect: Dialect;
  readonly request: RequestPlan;
  /** A table alias that no other of the statement has. */
  alias(): string;
  /** Alias of the row that has the variables as columns `v0`, `v1`, … */
  readonly variables: string;
}

/** A row that names can refer to: of a table, or an element of a list, with its JSON in the column `value`. */
export interface RowScope {
  readonly kind: 'table' | 'object' | 'scalar';
  readonly alias: string;
  /** Tables around it, for each of whose rows it is visited anew. */
  readonly depth: number;
}

/** The current row first. */
export type RowScopes = readonly RowScope[];

export function lowerContext(dialect: Dialect, request: RequestPlan): LowerContext {
  let tables = 0;
  return { dialect, request, alias: () => `t${tables++}`, variables: 's' };
}

/** FROM item of a collection. */
export function tableSql({ dialect }: LowerContext, { backing }: CollectionDef, { alias, depth }: RowScope): Sql {
  const rows =
    backing.type === 'table' ? dialect.catalogueName(backing.table) : sql`(${sql.raw(backing.sql[dialect.name])})`;
  const item = dialect.stoppable?.(rows, backing.type === 'table', depth) ?? rows;
  return sql`${item} ${dialect.as}${sql.id(alias)}`;
}

/** Native value of a column: a scalar in the type of its kind, an object or list as its JSON. */
export function columnSql({ dialect }: LowerContext, scopes: RowScopes, column: ColumnPlan): Sql {
  const scope = scopes[column.scope] as RowScope;
  const kind = kindOf(column.type);
  if (scope.kind === 'scalar') return dialect.elementScalar(scalarKindOf(column.type), sql.id(scope.alias, 'value'));
  const { document, path } = documentOf(dialect, scopes, column);
  if (path.length === 0) return document;
  return kind === 'composite' ? dialect.jsonNode(document, path) : dialect.jsonScalar(kind, document, path);
}

/** The JSON that holds a column and the way to it. */
export function documentOf(
  dialect: Dialect,
  scopes: RowScopes,
  column: ColumnPlan,
): { document: Sql; path: readonly string[] } {
  const scope = scopes[column.scope] as RowScope;
  return scope.kind === 'table'
    ? { document: sql`${sql.id(scope.alias)}.${dialect.catalogueName(column.column)}`, path: column.fieldPath }
    : { document: sql.id(scope.alias, 'value'), path: [column.column, ...column.fieldPath] };
}

export function kindOf({ type }: FieldType): ScalarKind | 'composite' {
  return type.type === 'scalar' ? type.scalar : 'composite';
}

/** An aggregate over values that are in scope; `windowed` is the column beside them where the dialect needs one. */
export function aggregateSql({ dialect }: LowerContext, aggregate: AggregatePlan, value: Sql, windowed: Sql): Sql {
  switch (aggregate.kind) {
    case 'star-count':
      return sql`count(*)`;
    case 'column-count': {
      if (!aggregate.distinct) return sql`count(${value})`;
      return sql`count(distinct ${dialect.binary(kindOf(aggregate.column.type), value)})`;
    }
    case 'function': {
      const lowered = dialect.aggregates[aggregate.function];
      const kind = scalarKindOf(aggregate.column.type);
      return 'plain' in lowered ? lowered.plain(value, kind) : lowered.finish(value, windowed, kind);
    }
  }
}

/** The window function an aggregate needs beside its values, if the dialect has no aggregate function for it. */
export function windowSql({ dialect }: LowerContext, aggregate: AggregatePlan, value: Sql, partition: Sql): Sql | null {
  if (aggregate.kind !== 'function') return null;
  const lowered = dialect.aggregates[aggregate.function];
  return 'window' in lowered ? lowered.window(value, partition, scalarKindOf(aggregate.column.type)) : null;
}

/** The aggregate over a path as a value of one of its rows, if the dialect can't say it otherwise. */
export function relatedSql({ dialect }: LowerContext, aggregate: AggregatePlan, value: Sql): OneRow | null {
  if (aggregate.kind !== 'function') return null;
  const lowered = dialect.aggregates[aggregate.function];
  return 'related' in lowered ? (lowered.related?.(value) ?? null) : null;
}

/**
 * What conditions and sort keys see of an aggregate: beyond its range the end of it. Only an answer is refused, as what
 * of a condition is evaluated differs between databases.
 */
export function withinRangeSql({ dialect }: LowerContext, aggregate: AggregatePlan, value: Sql): Sql {
  const isWide =
    aggregate.kind === 'function' && aggregate.function === 'sum' && scalarKindOf(aggregate.column.type) === 'int64';
  return isWide ? dialect.clamp(value, sql.raw(String(LEAST_INT64)), sql.raw(String(MOST_INT64))) : value;
}

/** Chains of thousands of operands overflow a database's parser unless they are balanced. */
export function balanced(operands: readonly Sql[], operator: 'and' | 'or'): Sql {
  if (operands.length <= 8) return sql`(${sql.join(operands, sql.raw(` ${operator} `))})`;
  const middle = operands.length >> 1;
  return sql`(${balanced(operands.slice(0, middle), operator)} ${sql.raw(operator)} ${balanced(operands.slice(middle), operator)})`;
}

/** The WHERE clause, with the space before it; nothing without a condition. */
export function whereSql(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`` : sql` where ${sql.join(conditions, sql` and `)}`;
}

/** The ORDER BY clause, with the space before it; without a key nothing, where the database agrees. */
export function orderBySql({ dialect }: LowerContext, keys: readonly Sql[]): Sql {
  if (keys.length > 0) return sql` order by ${sql.join(keys)}`;
  return dialect.anyOrder ? sql` order by ${dialect.anyOrder}` : sql``;
}
