import { badRequest } from '../../core/domain/errors.ts';
import type { PredicateForm } from '../query/form.ts';
import { OPERATORS, type OperatorName, operatorsOf } from '../query/operators.ts';
import { readScalar } from '../query/scalar-values.ts';
import type { ScalarType } from '../query/value-types.ts';
import type { Relation } from '../relations.ts';
import type { Builder } from './builder.ts';
import { type ColumnField, type ObjectShape, type ObjectShapes, shapeNamed } from './object-shape.ts';
import { relationshipForm } from './relationship-form.ts';
import { GRAPHQL_SCALARS } from './scalar-kinds.ts';

/** Values of a `where` argument, as GraphQL has checked them. */
export type FilterInput = Readonly<Record<string, unknown>>;

/** Input type per collection: `AnomalyRecordFilter`. Columns of JSON and objects can be tested for null only. */
export function filterInputs(builder: Builder, shapes: ObjectShapes) {
  const comparisons = new Map<string, ReturnType<typeof comparisonInput>>();
  const comparisonOf = (column: ColumnField): ReturnType<typeof comparisonInput> => {
    const name = comparisonName(column);
    const known = comparisons.get(name) ?? comparisonInput(builder, name, column);
    comparisons.set(name, known);
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
          [...shape.columns].map(([field, column]) => [
            field,
            t.field({ type: comparisonOf(column), description: column.description }),
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

function comparisonName({ scalar, isList, element }: ColumnField): string {
  if (element) return `${GRAPHQL_SCALARS[element.scalar]}ListComparison`;
  if (isList) return 'ListComparison';
  if (!scalar) return 'ObjectComparison';
  return scalar.values ? 'ChoiceComparison' : `${GRAPHQL_SCALARS[scalar.scalar]}Comparison`;
}

function comparisonInput(builder: Builder, name: string, { scalar, isList, element }: ColumnField) {
  return builder.inputType(name, {
    fields: (t) => ({
      ...Object.fromEntries(
        (scalar ? operatorsOf(scalar) : []).map((operator) => {
          const { operand, description } = OPERATORS[operator];
          const type = GRAPHQL_SCALARS[(scalar as ScalarType).scalar];
          return [operator, t.field({ type: operand === 'list' ? [type] : type, description })];
        }),
      ),
      ...(element &&
        operatorsOf(element).length > 0 && {
          _contains: t.field({ type: GRAPHQL_SCALARS[element.scalar], description: 'Has this element.' }),
        }),
      ...(isList && {
        _is_empty: t.field({ type: 'Boolean', description: 'Has no element (true), or has one or is null (false).' }),
      }),
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
    return lowerComparison(value as FilterInput, shape.columns.get(field) as ColumnField, at);
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

function lowerComparison(
  comparison: FilterInput,
  { column, scalar, element }: ColumnField,
  path: string,
): PredicateForm {
  const target = { kind: 'column', column } as const;
  const expressions = Object.entries(comparison).map(([operator, value]): PredicateForm => {
    const at = `${path}.${operator}`;
    if (value === null) throw nullOperand(at);
    if (operator === '_is_null') return asked(value, { kind: 'is-null', target });
    if (operator === '_is_empty') return asked(value, { kind: 'array-is-empty', target });
    if (element) {
      return { kind: 'array-contains', target, value: { kind: 'literal', value: readScalar(element, value, at) } };
    }
    const operand = readOperand(operator as OperatorName, value, scalar as ScalarType, at);
    return { kind: 'compare', target, operator, value: { kind: 'literal', value: operand } };
  });
  return { kind: 'and', expressions };
}

/** The test, or its opposite. */
function asked(value: unknown, test: PredicateForm): PredicateForm {
  return value === true ? test : { kind: 'not', expression: test };
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
