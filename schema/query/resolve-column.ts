import { badRequest } from '../../core/domain/errors.ts';
import { AGGREGATE_FUNCTIONS, aggregateFunctionsOf, resultKindOf } from './aggregate-functions.ts';
import type { AggregateFunctionName } from './aggregate-functions.ts';
import type { AggregateForm, ColumnForm, RelationshipRef } from './form.ts';
import type { AggregatePlan, ColumnPlan, JoinPair } from './plan.ts';
import { findCollection, findRelationship } from './resolve-context.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { CollectionDef } from '../catalogue.ts';
import type { FieldType, RowType, ScalarType } from './value-types.ts';
import { aTypeName, findObject, rowTypeOfCollection, scalarName } from './value-types.ts';

/** A column of a row type, or a value inside it. Nullable if anything on the way is. */
export function resolveColumn(
  context: ResolveContext,
  rowType: RowType,
  form: ColumnForm,
  at: string,
  scope = 0,
): ColumnPlan {
  const fieldPath = form.fieldPath ?? [];
  let type = fieldOf(rowType, form.column, at);
  let { nullable } = type;
  for (const name of fieldPath) {
    type = fieldOf(objectType(context, type, at), name, `${at}.field_path`);
    nullable ||= type.nullable;
  }
  return { scope, column: form.column, fieldPath, type: { type: type.type, nullable } };
}

export function fieldOf(rowType: RowType, name: string, at: string): FieldType {
  const field = rowType.fields.get(name);
  if (!field) throw badRequest('UNKNOWN_COLUMN', `There is no column "${name}" in ${rowType.name}.`, { path: at });
  return field;
}

export function objectType(context: ResolveContext, type: FieldType, at: string): RowType {
  if (type.type.type !== 'object') {
    throw badRequest('NOT_AN_OBJECT', `There are no fields in ${aTypeName(type.type)}.`, { path: at });
  }
  const object = findObject(context.catalogue, type.type.object);
  // A defect of the catalogue, not of the request.
  if (!object) throw new Error(`The catalogue has no object type "${type.type.object}".`);
  return object;
}

export function scalarOf(column: ColumnPlan, at: string): ScalarType {
  const { type } = column.type;
  if (type.type !== 'scalar') {
    throw badRequest('NOT_A_SCALAR', `"${column.column}" is ${aTypeName(type)}, not a scalar.`, { path: at });
  }
  return type;
}

/** Element type of a column that is a list. */
export function elementOf(column: ColumnPlan, at: string): FieldType {
  const { type } = column.type;
  if (type.type !== 'list') {
    throw badRequest('NOT_A_LIST', `"${column.column}" is ${aTypeName(type)}, not a list.`, { path: at });
  }
  const nullable = type.of.type === 'nullable';
  return { type: type.of.type === 'nullable' ? (type.of.of as FieldType['type']) : type.of, nullable };
}

/** The collection a relationship arrives at, and the columns that are equal. */
export function resolveJoin(
  context: ResolveContext,
  from: RowType,
  ref: RelationshipRef,
  fieldPath: readonly string[],
  at: string,
): { readonly collection: CollectionDef; readonly join: readonly JoinPair[]; readonly isObject: boolean } {
  const relationship = findRelationship(context, ref, `${at}.relationship`);
  const collection = findCollection(context, relationship.target, `${at}.relationship`);
  const target = rowTypeOfCollection(collection);
  const join = [...relationship.mapping].map(([name, [column, ...rest]]): JoinPair => {
    const path = [...fieldPath, name];
    const source = resolveColumn(context, from, { column: path[0] as string, fieldPath: path.slice(1) }, at);
    const pair = { source, target: resolveColumn(context, target, { column: column ?? '', fieldPath: rest }, at) };
    requireComparable(scalarOf(pair.source, at), scalarOf(pair.target, at), at);
    return pair;
  });
  return { collection, join, isObject: relationship.type === 'object' };
}

const NUMBERS = new Set(['int32', 'int64', 'float64']);

/** Columns of two kinds compare if both are numbers. */
export function requireComparable(a: ScalarType, b: ScalarType, at: string): void {
  if ((a.scalar === b.scalar && a.scalar !== 'json') || (NUMBERS.has(a.scalar) && NUMBERS.has(b.scalar))) return;
  throw badRequest('INCOMPARABLE', `Values of ${a.scalar} can't be compared with those of ${b.scalar}.`, { path: at });
}

export function resolveAggregate(
  context: ResolveContext,
  rowType: RowType,
  form: AggregateForm,
  at: string,
): AggregatePlan {
  if (form.kind === 'star-count') return { kind: 'star-count' };
  const column = resolveColumn(context, rowType, form, at);
  if (form.kind === 'column-count') return { kind: 'column-count', column, distinct: form.distinct };
  const type = scalarOf(column, at);
  const name = form.function as AggregateFunctionName;
  const result = Object.hasOwn(AGGREGATE_FUNCTIONS, name) ? resultKindOf(name, type) : undefined;
  if (!result) {
    const known = aggregateFunctionsOf(type).join(', ') || 'none';
    throw badRequest(
      'UNKNOWN_FUNCTION',
      `There is no aggregate function "${name}" on ${scalarName(type)}; there are: ${known}.`,
      {
        path: `${at}.function`,
      },
    );
  }
  return { kind: 'function', function: name, column, result };
}
