import type { OrderByForm, PathStepForm } from '../query/form.ts';
import type { Builder } from './builder.ts';
import { type ObjectShape, type ObjectShapes, scalarColumns, shapeNamed } from './object-shape.ts';
import { relationshipForm } from './relationship-form.ts';

/** One sort key: a single field, whose value is a direction or the sort key of a related row. */
export type OrderInput = Readonly<Record<string, unknown>>;

type Direction = 'asc' | 'desc';

/**
 * Input type per collection: `AnomalyRecordOrder`, exactly one field each, since the order of keys in an input object
 * means nothing. Sort keys cross object relations; an array relation sorts by its number of rows.
 */
export function orderInputs(builder: Builder, shapes: ObjectShapes) {
  const direction = builder.enumType('OrderDirection', {
    description: 'Null is smaller than any value.',
    values: ['asc', 'desc'] as const,
  });
  const count = builder.inputType('CountOrder', {
    fields: (t) => ({ count: t.field({ type: direction, required: true }) }),
  });
  const orders = new Map(
    [...shapes.values()]
      .filter(({ collection }) => collection !== null)
      .map((shape) => [shape.name, builder.inputRef<OrderInput>(`${shape.typeName}Order`)]),
  );
  for (const [name, ref] of orders) {
    const shape = shapeNamed(shapes, name);
    ref.implement({
      isOneOf: true,
      fields: (t) => ({
        ...Object.fromEntries(scalarColumns(shape).map(({ field }) => [field, t.field({ type: direction })])),
        ...Object.fromEntries(
          [...shape.relations]
            .filter(([, { type }]) => type === 'object')
            .map(([field, { target }]) => [field, t.field({ type: orders.get(target.rowType)! })]),
        ),
        ...Object.fromEntries([...shape.aggregates.keys()].map((field) => [field, t.field({ type: count })])),
      }),
    });
  }
  return orders;
}

export function lowerOrder(
  order: OrderInput,
  shape: ObjectShape,
  shapes: ObjectShapes,
  path: readonly PathStepForm[] = [],
): OrderByForm {
  const [field, value] = Object.entries(order)[0] as [string, unknown];
  const column = shape.columns.get(field)?.column;
  if (column !== undefined) {
    return {
      direction: value as Direction,
      target: { kind: 'column', column, ...(path.length > 0 ? { path } : {}) },
    };
  }
  const counted = shape.aggregates.get(field);
  if (counted) {
    return {
      direction: (value as { count: Direction }).count,
      target: {
        kind: 'aggregate',
        path: [...path, { relationship: relationshipForm(counted) }],
        aggregate: { kind: 'star-count' },
      },
    };
  }
  const relation = shape.relations.get(field);
  if (!relation) throw new Error(`"${shape.typeName}" has no field "${field}" to order by`);
  const target = shapeNamed(shapes, relation.target.rowType);
  return lowerOrder(value as OrderInput, target, shapes, [...path, { relationship: relationshipForm(relation) }]);
}
