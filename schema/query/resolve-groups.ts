import { badRequest } from '../../core/domain/errors.ts';
import { extractionFunctionsOf, EXTRACTION_FUNCTIONS } from './extraction-functions.ts';
import type { ExtractionFunctionName } from './extraction-functions.ts';
import type { AggregatesForm, DimensionForm, GroupTestForm, GroupsForm } from './form.ts';
import { mapTests } from './logical.ts';
import { aggregateKind } from './plan.ts';
import type { DimensionPlan, GroupTestPlan, GroupsPlan, NamedAggregate } from './plan.ts';
import { resolveAggregate, resolveColumn, scalarOf } from './resolve-column.ts';
import { readCount, requireAlias } from './resolve-context.ts';
import type { ResolveContext } from './resolve-context.ts';
import { requireOperator, resolveOperand, resolvePath } from './resolve-predicate.ts';
import type { RowType, ScalarType } from './value-types.ts';

export function resolveAggregates(
  context: ResolveContext,
  row: RowType,
  forms: AggregatesForm,
  at: string,
): NamedAggregate[] {
  return [...forms].map(([alias, form]) => {
    requireAlias(alias, at);
    return { alias, aggregate: resolveAggregate(context, row, form, `${at}.${alias}`) };
  });
}

export function resolveGroups(context: ResolveContext, row: RowType, form: GroupsForm, at: string): GroupsPlan {
  const dimensions = form.dimensions.map((dimension, i) =>
    resolveDimension(context, row, dimension, `${at}.dimensions[${i}]`),
  );
  return {
    dimensions,
    outputs: resolveAggregates(context, row, form.aggregates, `${at}.aggregates`),
    predicate: form.predicate
      ? mapTests(form.predicate, `${at}.predicate`, (test, place) => resolveGroupTest(context, row, test, place))
      : null,
    orderBy: (form.orderBy ?? []).map(({ direction, target }, i) => {
      const here = `${at}.order_by.elements[${i}].target`;
      if (target.kind === 'aggregate') {
        const aggregate = resolveAggregate(context, row, target.aggregate, `${here}.aggregate`);
        return { direction, target: { kind: 'aggregate', aggregate } };
      }
      if (target.index in dimensions) return { direction, target };
      throw badRequest('UNKNOWN_DIMENSION', `There is no dimension ${target.index}; there are ${dimensions.length}.`, {
        path: `${here}.index`,
      });
    }),
    limit: readCount(form.limit, `${at}.limit`),
    offset: readCount(form.offset, `${at}.offset`) ?? 0,
  };
}

function resolveDimension(context: ResolveContext, row: RowType, form: DimensionForm, at: string): DimensionPlan {
  const { steps, end } = resolvePath(context, row, form.path ?? [], `${at}.path`, true);
  const column = resolveColumn(context, end, form, `${at}.column_name`);
  const { scalar } = scalarOf(column, `${at}.column_name`);
  const nullable = steps.length > 0 || column.type.nullable;
  if (form.extraction === undefined) {
    return { path: steps, column, extraction: null, result: { type: column.type.type, nullable } };
  }
  const extraction = form.extraction as ExtractionFunctionName;
  if (!extractionFunctionsOf(scalar).includes(extraction)) {
    const known = extractionFunctionsOf(scalar).join(', ') || 'none';
    throw badRequest(
      'UNKNOWN_EXTRACTION',
      `There is no extraction "${extraction}" on ${scalar}; there are: ${known}.`,
      {
        path: `${at}.extraction`,
      },
    );
  }
  const result = EXTRACTION_FUNCTIONS[extraction].result;
  return { path: steps, column, extraction, result: { type: { type: 'scalar', scalar: result }, nullable } };
}

function resolveGroupTest(context: ResolveContext, rowType: RowType, form: GroupTestForm, at: string): GroupTestPlan {
  switch (form.kind) {
    case 'is-null':
      return {
        kind: 'is-null',
        aggregate: resolveAggregate(context, rowType, form.aggregate, `${at}.target.aggregate`),
      };
    case 'compare': {
      const aggregate = resolveAggregate(context, rowType, form.aggregate, `${at}.target.aggregate`);
      const scalar: ScalarType = { scalar: aggregateKind(aggregate) };
      const operator = requireOperator(scalar, form.operator, `${at}.operator`);
      return {
        kind: 'compare',
        aggregate,
        scalar,
        operator,
        value: resolveOperand(context, scalar, operator, form.value, `${at}.value`),
      };
    }
  }
}
