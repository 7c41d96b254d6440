import { badRequest } from '../../core/domain/errors.ts';
import type { PredicateForm } from '../query/form.ts';
import { OPERATORS, type OperatorName, operatorsOf } from '../query/operators.ts';
import { readScalar } from '../query/scalar-values.ts';
import type { ScalarType } from '../query/value-types.ts';
import type { Relation } from '../relations.ts';
import type { Builder } from './builder.ts';
import { type ColumnField, type ObjectShape, type ObjectShapes, scalarColumns, shapeNamed } from './object-shape.ts';
import { relationshipForm } from './relationship-form.ts';
import { GRAPHQL_SCALARS } from './scalar-kinds.ts';

/** Values of a `where` argument, as GraphQL has checked them. */
export type FilterInput = Readonly<Record<string, unknown>>;

/** Input type per collection: `AnomalyRecordFilter`. Columns without operators (JSON) can be tested for null only. */
export function filterInputs(builder: Builder, shapes: ObjectShapes) {
  const comparisons = new Map<string, ReturnType<typeof comparisonInput>>();
  const comparisonOf = (type: ScalarType): ReturnType<typeof comparisonInput> => {
    const known = comparisons.get(comparisonName(type)) ?? comparisonInput(builder, type);
    comparisons.set(comparisonName(type), known);
    return known;
  };
  const filters = new Map(
    [...shapes.values()]
      .filter(({ collection }) => collection !== null)
      .map((shape) => [shape.name, builder.inputRef<FilterInput>(`${shape.typeName}Filter`)]),
  );
  for (const [name, ref] of filters) {
    const shape = shapeNamed(shapes, name);
    ref.implement({
      description: 'Fields side by side are all to be true. A relation is true if one related row satisfies it.',
      fields: (t) => ({
        _and: t.field({ type: [ref] }),
        _or: t.field({ type: [ref] }),
        _not: t.field({ type: ref }),
        ...Object.fromEntries(
          scalarColumns(shape).map(({ field, scalar, description }) => [
            field,
            t.field({ type: comparisonOf(scalar), description }),
          ]),
        ),
        ...Object.fromEntries(
          [...shape.relations].map(([field, { target }]) => [field, t.field({ type: filters.get(target.rowType)! })]),
        ),
      }),
    });
  }
  return filters;
}

function comparisonName({ scalar, values }: ScalarType): string {
  return values ? 'ChoiceComparison' : `${GRAPHQL_SCALARS[scalar]}Comparison`;
}

function comparisonInput(builder: Builder, type: ScalarType) {
  const scalar = GRAPHQL_SCALARS[type.scalar];
  return builder.inputType(comparisonName(type), {
    fields: (t) => ({
      ...Object.fromEntries(
        operatorsOf(type).map((operator) => {
          const { operand, description } = OPERATORS[operator];
          return [operator, t.field({ type: operand === 'list' ? [scalar] : scalar, description })];
        }),
      ),
      _is_null: t.field({ type: 'Boolean', description: 'Is null (true), or is not (false).' }),
    }),
  });
}

/** The filter as a predicate over rows of the shape; `path` names its place for errors. */
export function lowerFilter(
  filter: FilterInput,
  shape: ObjectShape,
  shapes: ObjectShapes,
  path: string,
): PredicateForm {
  const expressions = Object.entries(filter).map(([field, value]): PredicateForm => {
    const at = `${path}.${field}`;
    if (value === null) throw nullOperand(at);
    if (field === '_and' || field === '_or') {
      const kind = field === '_and' ? 'and' : 'or';
      const filters = value as readonly FilterInput[];
      return { kind, expressions: filters.map((inner, i) => lowerFilter(inner, shape, shapes, `${at}[${i}]`)) };
    }
    if (field === '_not') {
      return { kind: 'not', expression: lowerFilter(value as FilterInput, shape, shapes, at) };
    }
    const relation = shape.relations.get(field);
    if (relation) return lowerRelation(value as FilterInput, relation, shapes, at);
    const { column, scalar } = shape.columns.get(field) as ColumnField;
    return lowerComparison(value as FilterInput, column, scalar as ScalarType, at);
  });
  return expressions.length === 1 ? (expressions[0] as PredicateForm) : { kind: 'and', expressions };
}

function lowerRelation(filter: FilterInput, relation: Relation, shapes: ObjectShapes, at: string): PredicateForm {
  return {
    kind: 'exists',
    in: { kind: 'related', relationship: relationshipForm(relation) },
    predicate: lowerFilter(filter, shapeNamed(shapes, relation.target.rowType), shapes, at),
  };
}

function lowerComparison(comparison: FilterInput, column: string, type: ScalarType, path: string): PredicateForm {
  const target = { kind: 'column', column } as const;
  const expressions = Object.entries(comparison).map(([operator, value]): PredicateForm => {
    const at = `${path}.${operator}`;
    if (value === null) throw nullOperand(at);
    if (operator === '_is_null') {
      const isNull: PredicateForm = { kind: 'is-null', target };
      return value === true ? isNull : { kind: 'not', expression: isNull };
    }
    const operand = readOperand(operator as OperatorName, value, type, at);
    return { kind: 'compare', target, operator, value: { kind: 'literal', value: operand } };
  });
  return { kind: 'and', expressions };
}

/** Read here, and not only by the engine, so that a refusal names the place in the client's own filter. */
function readOperand(operator: OperatorName, value: unknown, type: ScalarType, at: string): unknown {
  switch (OPERATORS[operator].operand) {
    case 'list':
      return (value as readonly unknown[]).map((item, index) => readScalar(type, item, `${at}[${index}]`));
    case 'value':
      return readScalar(type, value, at);
    default:
      return readScalar({ scalar: 'string' }, value, at);
  }
}

/** Taken for "no condition" a forgotten variable would widen a query to every row. */
function nullOperand(path: string): Error {
  return badRequest('NULL_OPERAND', `${path} is null; leave it out, or ask for null with _is_null.`, { path });
}
