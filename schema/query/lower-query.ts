import { sql } from 'kysely';
import type { Dialect, SourceColumn, Sql } from './dialect.ts';
import { lowerGroups } from './lower-groups.ts';
import { aggregateColumns, baseRows, capOf } from './lower-base.ts';
import type { LowerQueryContext } from './lower-base.ts';
import { columnSql, kindOf, lowerContext } from './lower-expression.ts';
import { VALUE, lowerRelated } from './lower-related.ts';
import type { NamedAggregate, QueryPlan, RelatedPlan, RequestPlan, RowsPlan } from './plan.ts';
import { aggregateKind, countFields, countGroupFields } from './plan.ts';
import type { CompiledSql } from './query-runner.ts';
import { queriesInside } from './related-plan.ts';
import { withinCells } from './limits.ts';
import type { QueryLimits } from './limits.ts';
import { scalarKindOf } from './value-types.ts';

/** Stands among the parameters of a statement where the source rows go, as one JSON text. */
export const SOURCE = Symbol('source');

/** The statements of a query and of those below it. Their number depends on the plan's shape only. */
export interface LoweredQuery {
  readonly plan: QueryPlan;
  /** The first cell of every row is the ordinal of its source row; else there is one answer only. */
  readonly hasSource: boolean;
  readonly rows: CompiledSql | null;
  readonly aggregates: CompiledSql | null;
  readonly groups: CompiledSql | null;
  /** One per query over values inside the rows that looks at collections, outer ones first. */
  readonly related: readonly LoweredRelated[];
  readonly children: readonly LoweredQuery[];
}

export interface LoweredRelated {
  readonly plan: QueryPlan;
  readonly related: RelatedPlan;
  readonly statement: CompiledSql;
}

/** What a query over rows in memory asks of the database. */
export type LoweredValues = Pick<LoweredQuery, 'related' | 'children'>;

/** Plan → SQL. Refuses nothing. */
export function lowerRequest(dialect: Dialect, request: RequestPlan, limits: QueryLimits): LoweredQuery {
  return lowerQuery(dialect, request, limits, request.root, request.hasVariables);
}

/** What the root asks of the database where its rows are in memory. */
export function lowerValues(dialect: Dialect, request: RequestPlan, limits: QueryLimits): LoweredValues {
  const { root } = request;
  return {
    related: lowerAllRelated(dialect, request, [root, ...(root.rows ? queriesInside(root.rows) : [])]),
    children: (root.rows?.children ?? []).map((child) => lowerQuery(dialect, request, limits, child, true)),
  };
}

function lowerAllRelated(dialect: Dialect, request: RequestPlan, plans: readonly QueryPlan[]): LoweredRelated[] {
  return plans.flatMap((plan) => {
    const { related } = plan;
    if (!related) return [];
    const source = dialect.source(sourceColumns(request, plan), sql`${SOURCE}`);
    const { sql: text, parameters } = lowerRelated(lowerContext(dialect, request), source, related).compile(
      dialect.compiler,
    );
    return [{ plan, related, statement: { sql: text, parameters } }];
  });
}

function lowerQuery(
  dialect: Dialect,
  request: RequestPlan,
  limits: QueryLimits,
  plan: QueryPlan,
  hasSource: boolean,
): LoweredQuery {
  const isSingle = plan === request.root && request.sets.length === 1;
  const part = (fields: number, lower: (context: LowerQueryContext) => Sql): CompiledSql => {
    const source = hasSource ? dialect.source(sourceColumns(request, plan), sql`${SOURCE}`) : null;
    const { sql: text, parameters } = lower({
      ...lowerContext(dialect, request),
      plan,
      source,
      isSingle,
      limits: withinCells(limits, fields),
    }).compile(dialect.compiler);
    return { sql: text, parameters };
  };
  const { rows, aggregates, groups } = plan;
  return {
    plan,
    hasSource,
    rows: rows && part(countFields(rows), (context) => lowerRows(context, rows)),
    aggregates: aggregates && part(aggregates.length, (context) => lowerAggregates(context, aggregates)),
    groups: groups && part(countGroupFields(groups), (context) => lowerGroups(context, groups)),
    related: rows ? lowerAllRelated(dialect, request, queriesInside(rows)) : [],
    children: (rows?.children ?? []).map((child) => lowerQuery(dialect, request, limits, child, true)),
  };
}

/** The columns of the source: ordinal, the value in memory, keys of the parent, variables. */
export function sourceColumns(request: RequestPlan, plan: QueryPlan): SourceColumn[] {
  return [
    { name: 'o', kind: 'int32', list: false },
    ...(plan.related ? [VALUE] : []),
    ...plan.keys.map((key, i): SourceColumn => ({ name: `k${i}`, kind: scalarKindOf(key.type), list: false })),
    ...plan.variables.map((index): SourceColumn => {
      const variable = request.variables[index] as RequestPlan['variables'][number];
      const list = variable.operand === 'list';
      const kind = list || variable.operand === 'value' ? variable.type.scalar : 'string';
      return { name: `v${index}`, kind, list };
    }),
  ];
}

/** One row per row of the answers: the ordinal of its source row, if there are any, then the fetched columns. */
function lowerRows(context: LowerQueryContext, rows: RowsPlan): Sql {
  const { dialect } = context;
  const base = baseRows(context, (scopes) =>
    rows.columns.map(({ name, type }, i) => {
      const value = columnSql(context, scopes, { scope: 0, column: name, fieldPath: [], type });
      return sql`${dialect.output(kindOf(type), value)} as ${sql.id(`c${i}`)}`;
    }),
  );
  if (!base.page) return base.sql;
  const columns = [sql`b.o`, ...rows.columns.map((_, i) => sql.id('b', `c${i}`))];
  return sql`select ${sql.join(columns)} from (${base.sql}) ${dialect.as}b where ${base.page} order by b.o, b.rn ${dialect.page(capOf(context), 0)}`;
}

/** One row per source row that has rows at all; an answer without any is known without asking. */
function lowerAggregates(context: LowerQueryContext, aggregates: readonly NamedAggregate[]): Sql {
  const partition = context.source ? [sql`b.o`] : [];
  const { from, value } = aggregateColumns(
    context,
    aggregates.map(({ aggregate }) => aggregate),
    [],
    partition,
  );
  const outputs = aggregates.map(
    ({ aggregate }, i) =>
      sql`${context.dialect.output(aggregateKind(aggregate), value(aggregate))} as ${sql.id(`c${i}`)}`,
  );
  const columns = [...partition.map((ordinal) => sql`${ordinal} as o`), ...outputs];
  const selected = columns.length === 0 ? sql`1 as c0` : sql.join(columns);
  return sql`select ${selected} ${from}${context.source ? sql` group by b.o` : sql``}`;
}
