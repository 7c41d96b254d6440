import { sql } from 'kysely';
import type { SourceColumn, Sql } from './dialect.ts';
import { lowerPredicate, pathAggregateSql, pathColumnSql } from './lower-predicate.ts';
import type { LowerContext, RowScope } from './lower-expression.ts';
import { aggregateKind } from './plan.ts';
import type { DimensionPlan, RelatedPlan, SortPlan } from './plan.ts';
import { scalarKindOf } from './value-types.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';

/** Column of the source that has the value in memory; a document, as a list is. */
export const VALUE: SourceColumn = { name: 'value', kind: 'json', list: true };

/** One row per value: its ordinal, whether it satisfies the predicate (1 or 0), its sort keys and its dimensions. */
export function lowerRelated(context: LowerContext, source: Sql, related: RelatedPlan): Sql {
  const { dialect } = context;
  const value: RowScope = { kind: 'object', alias: 's', depth: 0 };
  const matches = related.predicate ? lowerPredicate(context, [value], related.predicate) : null;
  const keys = [...related.sorts, ...related.dimensions].map((key) =>
    dialect.output(keyKind(key), keySql(context, value, key)),
  );
  const selected = [...(matches ? [sql`case when ${matches} then 1 else 0 end`] : []), ...keys];
  const columns = selected.map((one, i) => sql`${one} as ${sql.id(`c${i}`)}`);
  return sql`select ${sql.join([sql`s.o as o`, ...columns])} from ${source}`;
}

/** Kind of the value that a sort key or a dimension is made of. */
export function keyKind(key: SortPlan | DimensionPlan): ScalarKind {
  if ('column' in key) return scalarKindOf(key.column.type);
  return key.target.kind === 'column' ? scalarKindOf(key.target.column.type) : aggregateKind(key.target.aggregate);
}

function keySql(context: LowerContext, value: RowScope, key: SortPlan | DimensionPlan): Sql {
  if ('column' in key) return pathColumnSql(context, [value], key.path, key.column);
  const { target } = key;
  if (target.kind === 'column') return pathColumnSql(context, [value], target.path, target.column);
  return pathAggregateSql(context, [value], target.path, target.aggregate);
}
