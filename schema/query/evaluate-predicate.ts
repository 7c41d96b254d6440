import { extractColumn, rowsAtPath } from './evaluate-path.ts';
import type { EvaluateContext, Scopes } from './evaluate-path.ts';
import { comparedAggregate } from './evaluate-aggregate.ts';
import { VALUE_COLUMN } from './value-types.ts';
import { matchesLike } from './like-pattern.ts';
import { OPERATORS } from './operators.ts';
import type { OperatorMeaning, OperatorName } from './operators.ts';
import type { AggregatePlan, GroupPredicatePlan, PredicatePlan, TargetPlan, ValuePlan } from './plan.ts';
import { compareScalars } from './scalar-values.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';

/** Whether the current row satisfies a condition. */
export function satisfies(context: EvaluateContext, scopes: Scopes, plan: PredicatePlan): boolean {
  switch (plan.kind) {
    case 'and':
      return plan.expressions.every((expression) => satisfies(context, scopes, expression));
    case 'or':
      return plan.expressions.some((expression) => satisfies(context, scopes, expression));
    case 'not':
      return !satisfies(context, scopes, plan.expression);
    case 'is-null':
      return targetValue(context, scopes, plan.target) === null;
    case 'compare': {
      const left = targetValue(context, scopes, plan.target);
      return operandsOf(context, scopes, plan.value).some((right) =>
        compare(plan.operator, plan.scalar.scalar, left, right),
      );
    }
    case 'array-contains': {
      const list = extractColumn(scopes, plan.column);
      const operands = operandsOf(context, scopes, plan.value);
      return (
        Array.isArray(list) &&
        list.some((left) => operands.some((right) => compare('_eq', plan.element.scalar, left, right)))
      );
    }
    case 'array-is-empty': {
      const list = extractColumn(scopes, plan.column);
      return Array.isArray(list) && list.length === 0;
    }
    case 'exists': {
      const { predicate } = plan;
      const rows = existingRows(context, scopes, plan.in);
      return predicate ? rows.some((row) => satisfies(context, [row, ...scopes], predicate)) : rows.length > 0;
    }
  }
}

export function groupSatisfies(
  context: EvaluateContext,
  plan: GroupPredicatePlan,
  valueOf: (aggregate: AggregatePlan) => unknown,
): boolean {
  switch (plan.kind) {
    case 'and':
      return plan.expressions.every((expression) => groupSatisfies(context, expression, valueOf));
    case 'or':
      return plan.expressions.some((expression) => groupSatisfies(context, expression, valueOf));
    case 'not':
      return !groupSatisfies(context, plan.expression, valueOf);
    case 'is-null':
      return valueOf(plan.aggregate) === null;
    case 'compare': {
      const [right] = operandsOf(context, [], plan.value);
      return compare(plan.operator, plan.scalar.scalar, valueOf(plan.aggregate), right);
    }
  }
}

function targetValue(context: EvaluateContext, scopes: Scopes, target: TargetPlan): unknown {
  if (target.kind === 'column') return extractColumn(scopes, target.column);
  return comparedAggregate(target.aggregate, rowsAtPath(context, scopes, target.path, satisfies));
}

/** The right-hand values of a comparison: one, or as many as rows at the end of a path. */
function operandsOf(context: EvaluateContext, scopes: Scopes, value: ValuePlan): readonly unknown[] {
  switch (value.kind) {
    case 'literal':
      return [value.value];
    case 'variable':
      return [context.variables[value.index]];
    case 'column': {
      const outer = scopes.slice(value.scope);
      if (value.path.length === 0) return [extractColumn(outer, value.column)];
      return rowsAtPath(context, outer, value.path, satisfies).map((row) => extractColumn([row], value.column));
    }
  }
}

function existingRows(
  context: EvaluateContext,
  scopes: Scopes,
  plan: Extract<PredicatePlan, { readonly kind: 'exists' }>['in'],
): readonly unknown[] {
  if (plan.kind === 'rows') return rowsAtPath(context, scopes, [{ ...plan, predicate: null }], satisfies);
  const list = extractColumn(scopes, plan.column);
  if (!Array.isArray(list)) return [];
  return plan.scalar ? list.map((value: unknown) => ({ [VALUE_COLUMN]: value })) : list;
}

type Test = (order: (a: unknown, b: unknown) => number, left: unknown, right: unknown) => boolean;

const TESTS: Record<OperatorMeaning, Test> = {
  equal: (order, left, right) => order(left, right) === 0,
  'not-equal': (order, left, right) => order(left, right) !== 0,
  in: (order, left, right) => (right as unknown[]).some((one) => one !== null && order(left, one) === 0),
  'not-in': (order, left, right) => !(right as unknown[]).some((one) => one !== null && order(left, one) === 0),
  'less-than': (order, left, right) => order(left, right) < 0,
  'less-than-or-equal': (order, left, right) => order(left, right) <= 0,
  'greater-than': (order, left, right) => order(left, right) > 0,
  'greater-than-or-equal': (order, left, right) => order(left, right) >= 0,
  contains: text((left, right) => left.includes(right)),
  'contains-insensitive': text((left, right) => left.toLowerCase().includes(right.toLowerCase())),
  'starts-with': text((left, right) => left.startsWith(right)),
  'starts-with-insensitive': text((left, right) => left.toLowerCase().startsWith(right.toLowerCase())),
  'ends-with': text((left, right) => left.endsWith(right)),
  'ends-with-insensitive': text((left, right) => left.toLowerCase().endsWith(right.toLowerCase())),
  like: text((left, right) => matchesLike(left, right)),
  'like-insensitive': text((left, right) => matchesLike(left.toLowerCase(), right.toLowerCase())),
  'not-like': text((left, right) => !matchesLike(left, right)),
  'not-like-insensitive': text((left, right) => !matchesLike(left.toLowerCase(), right.toLowerCase())),
};

function compare(operator: OperatorName, kind: ScalarKind, left: unknown, right: unknown): boolean {
  if (left === null || right === null || right === undefined) return false;
  return TESTS[OPERATORS[operator].meaning]((a, b) => compareScalars(kind, a, b), left, right);
}

function text(test: (left: string, right: string) => boolean): Test {
  return (_order, left, right) => test(left as string, right as string);
}
