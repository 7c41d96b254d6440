import { sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import type { Sql } from './dialect.ts';
import { firstOfEach } from './first-of-each.ts';
import { aggregateColumns, aggregateKey, capOf, limitOf, pageCondition } from './lower-base.ts';
import type { LowerQueryContext } from './lower-base.ts';
import { kindOf, orderBySql, whereSql, withinRangeSql } from './lower-expression.ts';
import type { LowerContext, RowScopes } from './lower-expression.ts';
import { compareSql, logical, pathColumnSql, twoValued } from './lower-predicate.ts';
import { aggregateKind } from './plan.ts';
import type { AggregatePlan, DimensionPlan, GroupPredicatePlan, GroupSortPlan, GroupsPlan } from './plan.ts';

/**
 * Inside out: `b` the rows, `g` one row per group with every aggregate that is answered, compared or sorted by, then
 * condition, order and page over `g`.
 */
export function lowerGroups(context: LowerQueryContext, groups: GroupsPlan): Sql {
  const { source, dialect } = context;
  const aggregates = neededAggregates(groups);
  const keys = [...(source ? ['o'] : []), ...groups.dimensions.map((_, i) => `d${i}`)];
  const variables = groups.predicate ? comparedVariables(groups.predicate) : [];
  const carried = variables.map((index) => `v${index}`);
  const { from, value } = aggregateColumns(
    context,
    aggregates,
    [
      ...groups.dimensions.map(
        (dimension, i) => (scopes: RowScopes) => sql`${dimensionSql(context, scopes, dimension)} as ${sql.id(`d${i}`)}`,
      ),
      ...carried.map((name) => () => sql`${sql.id('s', name)} as ${sql.id(name)}`),
    ],
    keys.map((key) => sql.id('b', key)),
  );
  const grouped = [
    ...[...keys, ...carried].map((key) => sql`${sql.id('b', key)} as ${sql.id(key)}`),
    ...aggregates.map((aggregate, i) => sql`${value(aggregate)} as ${sql.id(`g${i}`)}`),
  ];
  const columnOf = (aggregate: AggregatePlan): Sql =>
    sql.id('g', `g${aggregates.findIndex((other) => aggregateKey(other) === aggregateKey(aggregate))}`);
  const valueOf = (aggregate: AggregatePlan): Sql => withinRangeSql(context, aggregate, columnOf(aggregate));
  // Without anything to group by, no row would still be one group.
  const grouping =
    keys.length > 0
      ? sql`group by ${sql.join([...keys, ...carried].map((key) => sql.id('b', key)))}`
      : sql`having count(*) > 0`;
  const selected = grouped.length > 0 ? sql.join(grouped) : sql`count(*) as g0`;
  const having = groups.predicate
    ? [lowerGroupPredicate({ ...context, variables: 'g' }, groups.predicate, valueOf)]
    : [];
  const outputs = [
    ...(source ? [sql`g.o as o`] : []),
    ...groups.dimensions.map((dimension, i) => {
      const value = sql.id('g', `d${i}`);
      const plain = isBinary(dimension) ? dialect.plainText(value) : value;
      return sql`${dialect.output(kindOf(dimension.result), plain)} as ${sql.id(`c${i}`)}`;
    }),
    ...groups.outputs.map(
      ({ aggregate }, i) => sql`${dialect.output(aggregateKind(aggregate), columnOf(aggregate))} as ${sql.id(`x${i}`)}`,
    ),
  ];
  const answer = outputs.length > 0 ? sql.join(outputs) : sql`1 as c0`;
  const order = sortKeys(context, groups, valueOf);
  const rows = sql`from (select ${selected} ${from} ${grouping}) ${dialect.as}g${whereSql(having)}`;
  if (context.isSingle) {
    const page = dialect.page(limitOf(context, groups.limit), groups.offset);
    return sql`select ${answer} ${rows}${orderBySql(context, order)} ${page}`;
  }
  const all = dialect.page(capOf(context), 0);
  if (groups.limit === null && groups.offset === 0) {
    return sql`select ${answer} ${rows}${orderBySql(context, [sql`g.o`, ...order])} ${all}`;
  }
  const rank = sql`row_number() over (partition by g.o${orderBySql(context, order)})`;
  const page = pageCondition(sql`g.rn`, groups);
  return sql`select ${answer} from (select g.*, ${rank} as rn ${rows}) ${dialect.as}g where ${page} order by g.o, g.rn ${all}`;
}

function dimensionSql(context: LowerQueryContext, scopes: RowScopes, dimension: DimensionPlan): Sql {
  const value = pathColumnSql(context, scopes, dimension.path, dimension.column);
  if (dimension.extraction) return context.dialect.extractions[dimension.extraction](value);
  return isBinary(dimension) ? context.dialect.binary('string', value) : value;
}

/** Texts are told apart by code point. */
function isBinary({ result }: DimensionPlan): boolean {
  return kindOf(result) === 'string';
}

/** The order asked for, then the dimensions, so that it is total. */
function sortKeys(
  { dialect }: LowerQueryContext,
  groups: GroupsPlan,
  valueOf: (aggregate: AggregatePlan) => Sql,
): Sql[] {
  const key = (value: Sql, kind: ScalarKind | 'composite', direction: 'asc' | 'desc'): Sql =>
    sql`${dialect.binary(kind, value)} ${sql.raw(direction)}${dialect.nullsSmallest[direction]}`;
  const dimension = (index: number, direction: 'asc' | 'desc'): Sql =>
    key(sql.id('g', `d${index}`), kindOf((groups.dimensions[index] as DimensionPlan).result), direction);
  const first = firstOfEach(groups.orderBy, ({ target }) =>
    target.kind === 'dimension' ? target.index : aggregateKey(target.aggregate),
  );
  const asked = first.map(({ target, direction }) =>
    target.kind === 'dimension'
      ? dimension(target.index, direction)
      : key(valueOf(target.aggregate), aggregateKind(target.aggregate), direction),
  );
  const sorted = new Set(groups.orderBy.map(({ target }) => (target.kind === 'dimension' ? target.index : -1)));
  const rest = groups.dimensions.flatMap((_, i) => (sorted.has(i) ? [] : [dimension(i, 'asc')]));
  return [...asked, ...rest];
}

function neededAggregates(groups: GroupsPlan): AggregatePlan[] {
  const all = [
    ...groups.outputs.map(({ aggregate }) => aggregate),
    ...(groups.predicate ? comparedAggregates(groups.predicate) : []),
    ...groups.orderBy.flatMap(({ target }: GroupSortPlan) => (target.kind === 'aggregate' ? [target.aggregate] : [])),
  ];
  return [...new Map(all.map((aggregate) => [aggregateKey(aggregate), aggregate])).values()];
}

/** Outside the grouping the source is out of sight: its variables come along as columns of the group. */
function comparedVariables(predicate: GroupPredicatePlan): number[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return [...new Set(predicate.expressions.flatMap(comparedVariables))];
    case 'not':
      return comparedVariables(predicate.expression);
    case 'is-null':
      return [];
    case 'compare':
      return predicate.value.kind === 'variable' ? [predicate.value.index] : [];
  }
}

function comparedAggregates(predicate: GroupPredicatePlan): AggregatePlan[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.expressions.flatMap(comparedAggregates);
    case 'not':
      return comparedAggregates(predicate.expression);
    default:
      return [predicate.aggregate];
  }
}

function lowerGroupPredicate(
  context: LowerContext,
  plan: GroupPredicatePlan,
  valueOf: (aggregate: AggregatePlan) => Sql,
  negated = false,
): Sql {
  switch (plan.kind) {
    case 'and':
    case 'or':
      return logical(
        plan.kind,
        plan.expressions.map((inner) => lowerGroupPredicate(context, inner, valueOf, negated)),
      );
    case 'not':
      return sql`not (${lowerGroupPredicate(context, plan.expression, valueOf, true)})`;
    case 'is-null':
      return sql`${valueOf(plan.aggregate)} is null`;
    case 'compare': {
      const left = valueOf(plan.aggregate);
      return twoValued(context, compareSql(context, [], plan.operator, plan.scalar, left, plan.value), negated);
    }
  }
}
