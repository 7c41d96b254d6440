import { assertNever, unprocessable } from '../../core/domain/errors.ts';
import type { ValueType } from '../../core/domain/kind.ts';
import type { FieldForm, FieldsForm, NestedFieldForm, PredicateForm, QueryForm } from '../query/form.ts';
import { lowerAggregates } from './aggregate-types.ts';
import { type FilterInput, lowerFilter } from './filter-input.ts';
import type { GraphqlLimits } from './graphql-limits.ts';
import { type ObjectShape, type ObjectShapes, shapeNamed } from './object-shape.ts';
import { lowerOrder, type OrderInput } from './order-input.ts';
import { relationshipForm } from './relationship-form.ts';
import type { Selection } from './selection.ts';

/** From the selection of one root field to one query form; keys of the answer are the keys of the response. */
export interface QueryLowering {
  /** A list with `where`, `orderBy`, `limit` and `offset`. */
  readonly list: (shape: ObjectShape, selection: FieldSelection) => QueryForm;
  readonly aggregate: (shape: ObjectShape, selection: FieldSelection) => QueryForm;
  /** The row that has these values in these columns. */
  readonly lookUp: (shape: ObjectShape, selection: FieldSelection) => QueryForm;
  /** What to select of a value in memory; undefined where the type has no fields. */
  readonly value: (type: ValueType, selections: readonly Selection[]) => NestedFieldForm | undefined;
}

/** Arguments and selection of a field. */
export type FieldSelection = Pick<Selection, 'args' | 'children'>;

interface ListArguments {
  readonly where?: FilterInput | null;
  readonly orderBy?: readonly OrderInput[] | null;
  readonly limit?: number | null;
  readonly offset?: number | null;
}

export function createQueryLowering(shapes: ObjectShapes, limits: GraphqlLimits): QueryLowering {
  function list(shape: ObjectShape, { args, children }: FieldSelection): QueryForm {
    const { orderBy, limit, offset }: ListArguments = args;
    return {
      fields: fields(shape, children),
      ...where(shape, args),
      ...(orderBy ? { orderBy: orderBy.map((order) => lowerOrder(order, shape, shapes)) } : {}),
      limit: inRange('limit', limit ?? limits.defaultRows, limits.maxRows),
      offset: inRange('offset', offset ?? 0, Number.MAX_SAFE_INTEGER),
    };
  }

  function aggregate(shape: ObjectShape, { args, children }: FieldSelection): QueryForm {
    return { aggregates: lowerAggregates(children, shape), ...where(shape, args) };
  }

  function lookUp(shape: ObjectShape, { args, children }: FieldSelection): QueryForm {
    const expressions = Object.entries(args).map(([field, value]): PredicateForm => {
      const target = { kind: 'column', column: shape.columns.get(field)?.column as string } as const;
      return { kind: 'compare', target, operator: '_eq', value: { kind: 'literal', value } };
    });
    return { fields: fields(shape, children), predicate: { kind: 'and', expressions }, limit: 1 };
  }

  function where(shape: ObjectShape, { where: filter }: ListArguments): { predicate?: PredicateForm } {
    return filter ? { predicate: lowerFilter(filter, shape, shapes, 'where') } : {};
  }

  function fields(shape: ObjectShape, selections: readonly Selection[]): FieldsForm {
    return new Map(selections.map((selection) => [selection.key, field(shape, selection)]));
  }

  function field(shape: ObjectShape, selection: Selection): FieldForm {
    const { name, children } = selection;
    const column = shape.columns.get(name);
    if (column) {
      const nested = value(column.type, children);
      return { kind: 'column', column: column.column, ...(nested ? { fields: nested } : {}) };
    }
    const counted = shape.aggregates.get(name);
    const relation = counted ?? shape.relations.get(name);
    if (!relation) throw new Error(`"${shape.typeName}" has no field "${name}"`);
    const target = shapeNamed(shapes, relation.target.rowType);
    const relationship = relationshipForm(relation);
    if (counted) return { kind: 'relationship', relationship, query: aggregate(target, selection) };
    const query = relation.type === 'array' ? list(target, selection) : { fields: fields(target, children) };
    return { kind: 'relationship', relationship, query };
  }

  function value(type: ValueType, selections: readonly Selection[]): NestedFieldForm | undefined {
    switch (type.type) {
      case 'scalar':
        return undefined;
      case 'nullable':
        return value(type.of, selections);
      case 'object':
        return { kind: 'object', fields: fields(shapeNamed(shapes, type.object), selections) };
      case 'list': {
        const element = value(type.of, selections);
        return element && { kind: 'array', fields: element };
      }
      default:
        return assertNever(type);
    }
  }

  return { list, aggregate, lookUp, value };
}

function inRange(argument: string, value: number, most: number): number {
  if (value >= 0 && value <= most) return value;
  throw unprocessable('OUT_OF_RANGE', `${argument} is ${value}; it can be 0 to ${most}.`, { path: argument });
}
