import { badRequest } from '../../core/domain/errors.ts';
import type {
  AggregateForm,
  ComparisonTargetForm,
  ExistsForm,
  PathStepForm,
  PredicateForm,
  TestForm,
  ValueForm,
} from './form.ts';
import { mapTests } from './logical.ts';
import { OPERATORS, findOperator, operatorsOf } from './operators.ts';
import type { OperatorName } from './operators.ts';
import { aggregateKind } from './plan.ts';
import type { AggregatePlan, ExistsPlan, PredicatePlan, StepPlan, TargetPlan, TestPlan, ValuePlan } from './plan.ts';
import {
  elementOf,
  objectType,
  requireComparable,
  resolveAggregate,
  resolveColumn,
  resolveJoin,
  scalarOf,
} from './resolve-column.ts';
import { findCollection, readOperand } from './resolve-context.ts';
import type { ResolveContext } from './resolve-context.ts';
import { rowTypeOfCollection, rowTypeOfElement, scalarName, typeName } from './value-types.ts';
import type { RowType, ScalarType } from './value-types.ts';

/** The current row first, then the rows outside each enclosing `exists`. */
type Scopes = readonly [RowType, ...RowType[]];

export function resolvePredicate(
  context: ResolveContext,
  scopes: Scopes,
  form: PredicateForm,
  at: string,
): PredicatePlan {
  return mapTests(form, at, (test, place) => resolveTest(context, scopes, test, place));
}

function resolveTest(context: ResolveContext, scopes: Scopes, form: TestForm, at: string): TestPlan {
  switch (form.kind) {
    case 'is-null':
      return { kind: 'is-null', target: resolveTarget(context, scopes[0], form.target, `${at}.column`) };
    case 'compare': {
      const target = resolveTarget(context, scopes[0], form.target, `${at}.column`);
      const scalar = targetScalar(target, `${at}.column`);
      const operator = requireOperator(scalar, form.operator, `${at}.operator`);
      return {
        kind: 'compare',
        target,
        scalar,
        operator,
        value: resolveValue(context, scopes, scalar, operator, form.value, `${at}.value`),
      };
    }
    case 'array-contains': {
      const column = resolveColumn(context, scopes[0], form.target, `${at}.column`);
      const { type } = elementOf(column, `${at}.column`);
      if (type.type !== 'scalar' || operatorsOf(type).length === 0) {
        throw badRequest('INCOMPARABLE', `Elements of type ${typeName(type)} can't be compared.`, {
          path: `${at}.column`,
        });
      }
      return {
        kind: 'array-contains',
        column,
        element: type,
        value: resolveValue(context, scopes, type, '_eq', form.value, `${at}.comparison.value`),
      };
    }
    case 'array-is-empty': {
      const column = resolveColumn(context, scopes[0], form.target, `${at}.column`);
      elementOf(column, `${at}.column`);
      return { kind: 'array-is-empty', column };
    }
    case 'exists': {
      const { plan, rowType } = resolveExists(context, scopes[0], form.in, `${at}.in_collection`);
      const predicate = form.predicate
        ? resolvePredicate(context, [rowType, ...scopes], form.predicate, `${at}.predicate`)
        : null;
      return { kind: 'exists', in: plan, predicate };
    }
  }
}

/** The steps of a path and the row type at its end; each step's predicate starts with no outer scope. */
export function resolvePath(
  context: ResolveContext,
  from: RowType,
  path: readonly PathStepForm[],
  at: string,
  objectsOnly: boolean,
): { readonly steps: readonly StepPlan[]; readonly end: RowType } {
  let end = from;
  const steps = path.map((step, i): StepPlan => {
    const here = `${at}[${i}]`;
    const { collection, join, isObject } = resolveJoin(context, end, step.relationship, step.fieldPath ?? [], here);
    if (objectsOnly && !isObject) {
      throw badRequest('NOT_AN_OBJECT_RELATIONSHIP', 'Only object relationships lead to a single value.', {
        path: here,
      });
    }
    end = rowTypeOfCollection(collection);
    const predicate = step.predicate ? resolvePredicate(context, [end], step.predicate, `${here}.predicate`) : null;
    return { collection, join, predicate };
  });
  return { steps, end };
}

export function resolveAggregateTarget(
  context: ResolveContext,
  from: RowType,
  form: { readonly path: readonly PathStepForm[]; readonly aggregate: AggregateForm },
  at: string,
): { readonly kind: 'aggregate'; readonly path: readonly StepPlan[]; readonly aggregate: AggregatePlan } {
  if (form.path.length === 0) {
    throw badRequest('EMPTY_PATH', 'An aggregate here needs a path of at least one relationship.', {
      path: `${at}.path`,
    });
  }
  const { steps, end } = resolvePath(context, from, form.path, `${at}.path`, false);
  return {
    kind: 'aggregate',
    path: steps,
    aggregate: resolveAggregate(context, end, form.aggregate, `${at}.aggregate`),
  };
}

function resolveTarget(context: ResolveContext, row: RowType, form: ComparisonTargetForm, at: string): TargetPlan {
  return form.kind === 'column'
    ? { kind: 'column', column: resolveColumn(context, row, form, at) }
    : resolveAggregateTarget(context, row, form, at);
}

function targetScalar(target: TargetPlan, at: string): ScalarType {
  return target.kind === 'column' ? scalarOf(target.column, at) : { scalar: aggregateKind(target.aggregate) };
}

export function requireOperator(scalar: ScalarType, name: string, at: string): OperatorName {
  const operator = findOperator(scalar, name);
  if (operator) return operator;
  const known = operatorsOf(scalar).join(', ') || 'none';
  throw badRequest(
    'UNKNOWN_OPERATOR',
    `There is no operator "${name}" on ${scalarName(scalar)}; there are: ${known}.`,
    {
      path: at,
    },
  );
}

function resolveValue(
  context: ResolveContext,
  scopes: Scopes,
  scalar: ScalarType,
  operator: OperatorName,
  form: ValueForm,
  at: string,
): ValuePlan {
  if (form.kind !== 'column') return resolveOperand(context, scalar, operator, form, at);
  const { operand } = OPERATORS[operator];
  const scope = form.scope ?? 0;
  const from = scopes[scope];
  if (!from) {
    throw badRequest('UNKNOWN_SCOPE', `Scope ${scope} does not exist; there are ${scopes.length} here.`, {
      path: `${at}.scope`,
    });
  }
  const { steps, end } = resolvePath(context, from, form.path ?? [], `${at}.path`, false);
  const column = resolveColumn(context, end, form, at);
  if (operand === 'list') {
    const { type } = elementOf(column, at);
    if (type.type !== 'scalar')
      throw badRequest('INCOMPARABLE', `Elements of type ${typeName(type)} can't be compared.`, { path: at });
    requireComparable(scalar, type, at);
  } else {
    requireComparable(scalar, scalarOf(column, at), at);
  }
  return { kind: 'column', scope, path: steps, column };
}

export function resolveOperand(
  context: ResolveContext,
  scalar: ScalarType,
  operator: OperatorName,
  form: Exclude<ValueForm, { readonly kind: 'column' }>,
  at: string,
): Exclude<ValuePlan, { readonly kind: 'column' }> {
  const { operand } = OPERATORS[operator];
  return form.kind === 'literal'
    ? { kind: 'literal', value: readOperand(scalar, operand, form.value, `${at}.value`) }
    : { kind: 'variable', index: context.variables.use(form.name, scalar, operator, `${at}.name`) };
}

function resolveExists(
  context: ResolveContext,
  from: RowType,
  form: ExistsForm,
  at: string,
): { readonly plan: ExistsPlan; readonly rowType: RowType } {
  switch (form.kind) {
    case 'related': {
      const { collection, join } = resolveJoin(context, from, form.relationship, form.fieldPath ?? [], at);
      return { plan: { kind: 'rows', collection, join }, rowType: rowTypeOfCollection(collection) };
    }
    case 'unrelated': {
      const collection = findCollection(context, form.collection, `${at}.collection`);
      return { plan: { kind: 'rows', collection, join: [] }, rowType: rowTypeOfCollection(collection) };
    }
    case 'nested-collection':
    case 'nested-scalar-collection': {
      const column = resolveColumn(context, from, form, `${at}.column_name`);
      const element = elementOf(column, `${at}.column_name`);
      const scalar = form.kind === 'nested-scalar-collection';
      const rowType = scalar ? rowTypeOfElement(element) : objectType(context, element, `${at}.column_name`);
      if (scalar && element.type.type !== 'scalar') {
        throw badRequest('NOT_A_SCALAR', `The elements are of type ${typeName(element.type)}, not scalars.`, {
          path: `${at}.column_name`,
        });
      }
      return { plan: { kind: 'elements', column, scalar }, rowType };
    }
  }
}
