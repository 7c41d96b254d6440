import { sql } from 'kysely';
import type { RowCount, Sql } from './dialect.ts';
import {
  aggregateSql,
  balanced,
  columnSql,
  documentOf,
  orderBySql,
  relatedSql,
  tableSql,
  whereSql,
  windowSql,
  withinRangeSql,
} from './lower-expression.ts';
import type { LowerContext, RowScope, RowScopes } from './lower-expression.ts';
import { OPERATORS } from './operators.ts';
import type { OperatorMeaning, OperatorName } from './operators.ts';
import type { AggregatePlan, ColumnPlan, JoinPair, PredicatePlan, StepPlan, TargetPlan, ValuePlan } from './plan.ts';
import { scalarKindOf } from './value-types.ts';
import type { ScalarType } from './value-types.ts';

const ONE_ROW: RowCount = { rows: 1, sql: sql.lit(1) };

const TRUE = sql`1 = 1`;
const FALSE = sql`1 = 0`;

/**
 * A condition on the current row. SQL's comparisons with null are unknown, ours are false: the same in a WHERE, but not
 * below a NOT, where every comparison is therefore made two-valued.
 */
export function lowerPredicate(context: LowerContext, scopes: RowScopes, plan: PredicatePlan, negated = false): Sql {
  switch (plan.kind) {
    case 'and':
    case 'or':
      return logical(
        plan.kind,
        plan.expressions.map((expression) => lowerPredicate(context, scopes, expression, negated)),
      );
    case 'not':
      return sql`not (${lowerPredicate(context, scopes, plan.expression, true)})`;
    case 'is-null':
      return sql`${targetSql(context, scopes, plan.target)} is null`;
    case 'compare': {
      const left = targetSql(context, scopes, plan.target);
      return twoValued(context, compareSql(context, scopes, plan.operator, plan.scalar, left, plan.value), negated);
    }
    case 'array-contains': {
      const element: RowScope = { kind: 'scalar', alias: context.alias(), depth: depthOf(scopes) };
      const { document, path } = documentOf(context.dialect, scopes, plan.column);
      const value = context.dialect.elementScalar(plan.element.scalar, sql.id(element.alias, 'value'));
      const equal = compareSql(context, scopes, '_eq', plan.element, value, plan.value);
      return sql`exists (select 1 from ${context.dialect.jsonElements(document, path, element.alias)} where ${equal})`;
    }
    case 'array-is-empty': {
      const { document, path } = documentOf(context.dialect, scopes, plan.column);
      return twoValued(context, context.dialect.jsonIsEmptyList(document, path), negated);
    }
    case 'exists':
      return existsSql(context, scopes, plan);
  }
}

/** Value of the aggregate over the rows at the end of a path, as a scalar subquery. */
export function pathAggregateSql(
  context: LowerContext,
  scopes: RowScopes,
  path: readonly StepPlan[],
  aggregate: AggregatePlan,
): Sql {
  const { from, conditions, end } = joinPath(context, scopes, path);
  const value = aggregate.kind === 'star-count' ? sql`1` : columnSql(context, [end], aggregate.column);
  const related = relatedSql(context, aggregate, value);
  if (related) {
    const page = context.dialect.page(ONE_ROW, 0);
    const where = whereSql([...conditions, sql`${value} is not null`]);
    return sql`(select ${related.value} from ${sql.join(from)}${where} order by ${related.first} ${page})`;
  }
  const rows = sql`from ${sql.join(from)}${whereSql(conditions)}`;
  const window = windowSql(context, aggregate, value, sql``);
  if (!window && (context.dialect.aggregatesSubqueries || !isInsideDocument(aggregate))) {
    return sql`(select ${withinRangeSql(context, aggregate, aggregateSql(context, aggregate, value, sql``))} ${rows})`;
  }
  const alias = sql.id(context.alias());
  const finished = withinRangeSql(
    context,
    aggregate,
    aggregateSql(context, aggregate, sql`${alias}.a`, sql`${alias}.w`),
  );
  const columns = window ? sql`${value} as a, ${window} as w` : sql`${value} as a`;
  return sql`(select ${finished} from (select ${columns} ${rows}) ${context.dialect.as}${alias})`;
}

function isInsideDocument(aggregate: AggregatePlan): boolean {
  return aggregate.kind !== 'star-count' && aggregate.column.fieldPath.length > 0;
}

/** A column at the end of a path of object relationships, as a scalar subquery; null where a row is missing. */
export function pathColumnSql(
  context: LowerContext,
  scopes: RowScopes,
  path: readonly StepPlan[],
  column: ColumnPlan,
): Sql {
  if (path.length === 0) return columnSql(context, scopes, column);
  const { from, conditions, end } = joinPath(context, scopes, path);
  // An object relationship that does not follow a key may still meet several rows; one of them has to do.
  const page = sql`${orderBySql(context, [])} ${context.dialect.page(ONE_ROW, 0)}`;
  return sql`(select ${columnSql(context, [end], column)} from ${sql.join(from)}${whereSql(conditions)}${page})`;
}

/** Conditions that tie the target row to the row the join starts from. */
export function joinConditions(
  context: LowerContext,
  outer: RowScopes,
  target: RowScope,
  join: readonly JoinPair[],
): Sql[] {
  return join.map((pair) => {
    const kind = scalarKindOf(pair.target.type);
    return context.dialect.operators.equal(
      columnSql(context, [target], pair.target),
      columnSql(context, outer, pair.source),
      kind,
    );
  });
}

export function logical(kind: 'and' | 'or', operands: readonly Sql[]): Sql {
  if (operands.length === 0) return kind === 'and' ? TRUE : FALSE;
  return balanced(operands, kind);
}

export function twoValued({ dialect }: LowerContext, condition: Sql, negated: boolean): Sql {
  return negated ? dialect.isTrue(condition) : condition;
}

function targetSql(context: LowerContext, scopes: RowScopes, target: TargetPlan): Sql {
  return target.kind === 'column'
    ? columnSql(context, scopes, target.column)
    : pathAggregateSql(context, scopes, target.path, target.aggregate);
}

export function compareSql(
  context: LowerContext,
  scopes: RowScopes,
  operator: OperatorName,
  scalar: ScalarType,
  left: Sql,
  value: ValuePlan,
): Sql {
  const { dialect } = context;
  const { meaning, operand } = OPERATORS[operator];
  if (value.kind === 'column') return compareColumn(context, scopes, operator, scalar, left, value);
  if (value.kind === 'literal' && value.value === null) return FALSE;
  if (operand === 'list') {
    const document =
      value.kind === 'literal' ? dialect.list(value.value as unknown[]) : variableSql(context, value.index);
    return memberSql(context, meaning === 'not-in', scalar, left, document);
  }
  const right =
    value.kind === 'variable' ? variableSql(context, value.index) : literalSql(context, operator, scalar, value.value);
  return dialect.operators[meaning](left, right, scalar.scalar);
}

function variableSql({ variables }: LowerContext, index: number): Sql {
  return sql.id(variables, `v${index}`);
}

function literalSql({ dialect }: LowerContext, operator: OperatorName, scalar: ScalarType, wire: unknown): Sql {
  const { meaning, operand } = OPERATORS[operator];
  if (operand === 'value') return dialect.constant(scalar.scalar, wire);
  const isSensitivePattern = meaning === 'like' || meaning === 'not-like';
  return dialect.constant('string', isSensitivePattern ? dialect.likePattern(wire as string) : wire);
}

/** With an empty list, or none, SQL takes null for no member of it; here a comparison with null is false. */
function memberSql(context: LowerContext, negative: boolean, scalar: ScalarType, left: Sql, document: Sql): Sql {
  const alias = context.alias();
  const elements = {
    from: context.dialect.jsonElements(document, [], alias),
    value: context.dialect.elementScalar(scalar.scalar, sql.id(alias, 'value')),
  };
  const member = context.dialect.member(scalar.scalar, left, elements, negative);
  return negative ? sql`(${left} is not null and ${document} is not null and ${member})` : member;
}

function compareColumn(
  context: LowerContext,
  scopes: RowScopes,
  operator: OperatorName,
  scalar: ScalarType,
  left: Sql,
  value: Extract<ValuePlan, { readonly kind: 'column' }>,
): Sql {
  const outer = scopes.slice(value.scope);
  if (value.path.length === 0) return compareWithColumn(context, operator, scalar, left, outer, value);
  const { from, conditions, end } = joinPath(context, outer, value.path);
  const matches = compareWithColumn(context, operator, scalar, left, [end], value);
  return sql`exists (select 1 from ${sql.join(from)}${whereSql([...conditions, matches])})`;
}

function compareWithColumn(
  context: LowerContext,
  operator: OperatorName,
  scalar: ScalarType,
  left: Sql,
  scopes: RowScopes,
  { column }: Extract<ValuePlan, { readonly kind: 'column' }>,
): Sql {
  const { meaning } = OPERATORS[operator];
  if (OPERATORS[operator].operand === 'pattern') {
    return likeStoredSql(context, meaning, left, columnSql(context, scopes, column));
  }
  if (meaning !== 'in' && meaning !== 'not-in') {
    return context.dialect.operators[meaning](left, columnSql(context, scopes, column), scalar.scalar);
  }
  const { document, path } = documentOf(context.dialect, scopes, column);
  const alias = context.alias();
  const element = context.dialect.elementScalar(scalar.scalar, sql.id(alias, 'value'));
  const equal = context.dialect.operators.equal(element, left, scalar.scalar);
  const found = sql`exists (select 1 from ${context.dialect.jsonElements(document, path, alias)} where ${equal})`;
  if (meaning === 'in') return found;
  return sql`(${left} is not null and ${columnSql(context, scopes, column)} is not null and not ${found})`;
}

function depthOf([row]: RowScopes): number {
  return row?.depth ?? 0;
}

function likeStoredSql({ dialect }: LowerContext, meaning: OperatorMeaning, text: Sql, pattern: Sql): Sql {
  const folded = (value: Sql): Sql => (meaning.endsWith('insensitive') ? sql`lower(${value})` : value);
  const matches = dialect.likeStored(folded(text), folded(pattern));
  return meaning.startsWith('not') ? sql`not (${matches})` : matches;
}

/** The tables of a path, comma-joined, and what ties each to the one before. */
function joinPath(
  context: LowerContext,
  scopes: RowScopes,
  path: readonly StepPlan[],
): { readonly from: readonly Sql[]; readonly conditions: readonly Sql[]; readonly end: RowScope } {
  const from: Sql[] = [];
  const conditions: Sql[] = [];
  let outer = scopes;
  for (const step of path) {
    const target: RowScope = { kind: 'table', alias: context.alias(), depth: depthOf(outer) + 1 };
    from.push(tableSql(context, step.collection, target));
    conditions.push(...joinConditions(context, outer, target, step.join));
    if (step.predicate) conditions.push(lowerPredicate(context, [target], step.predicate));
    outer = [target];
  }
  return { from, conditions, end: outer[0] as RowScope };
}

function existsSql(
  context: LowerContext,
  scopes: RowScopes,
  plan: Extract<PredicatePlan, { readonly kind: 'exists' }>,
): Sql {
  const alias = context.alias();
  if (plan.in.kind === 'elements') {
    const { document, path } = documentOf(context.dialect, scopes, plan.in.column);
    const element: RowScope = { kind: plan.in.scalar ? 'scalar' : 'object', alias, depth: depthOf(scopes) };
    const condition = plan.predicate ? lowerPredicate(context, [element, ...scopes], plan.predicate) : TRUE;
    return sql`exists (select 1 from ${context.dialect.jsonElements(document, path, alias)} where ${condition})`;
  }
  const target: RowScope = { kind: 'table', alias, depth: depthOf(scopes) + 1 };
  const conditions = joinConditions(context, scopes, target, plan.in.join);
  if (plan.predicate) conditions.push(lowerPredicate(context, [target, ...scopes], plan.predicate));
  return sql`exists (select 1 from ${tableSql(context, plan.in.collection, target)}${whereSql(conditions)})`;
}
