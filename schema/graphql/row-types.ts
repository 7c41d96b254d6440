import type { Row, RowSet } from '../query/form.ts';
import { aggregateTypes, aggregateValues } from './aggregate-types.ts';
import type { Builder } from './builder.ts';
import { filterInputs } from './filter-input.ts';
import type { ObjectShapes } from './object-shape.ts';
import { orderInputs } from './order-input.ts';
import { choicesText, outputType } from './value-type.ts';

/** All types over the catalogue and the verbs, by the names of their shapes. */
export type CatalogueTypes = ReturnType<typeof catalogueTypes>;

/**
 * A type per shape, with its relations. Resolvers only pick from the tree that the root field's one query has fetched,
 * under the keys of the response.
 */
export function catalogueTypes(builder: Builder, shapes: ObjectShapes) {
  const filters = filterInputs(builder, shapes);
  const orders = orderInputs(builder, shapes);
  const aggregates = aggregateTypes(builder, shapes);
  const rows = new Map([...shapes.values()].map((shape) => [shape.name, builder.objectRef<Row>(shape.typeName)]));

  /** `where` and, for lists, order and paging over rows of the type. */
  const whereArgument = (rowType: string) =>
    builder.args((t) => ({ where: t.field({ type: required(filters.get(rowType)) }) }));
  const listArguments = (rowType: string) => ({
    ...whereArgument(rowType),
    ...builder.args((t) => ({
      orderBy: t.field({ type: [required(orders.get(rowType))], description: 'Sort keys, the first one leading.' }),
      limit: t.int({ description: 'Greatest number of rows.' }),
      offset: t.int({ description: 'Rows to skip.' }),
    })),
  });

  for (const shape of shapes.values()) {
    required(rows.get(shape.name)).implement({
      description: shape.description,
      fields: (t) => ({
        ...Object.fromEntries(
          [...shape.columns].map(([field, { type, description }]) => [
            field,
            t.field({
              ...outputType(type, rows, t),
              description: [description, choicesText(type)].filter(Boolean).join(' '),
              resolve: (row, _args, _context, info) => pick(row, info),
            }),
          ]),
        ),
        ...Object.fromEntries(
          [...shape.relations].map(([field, { type, target }]) => {
            const row = required(rows.get(target.rowType));
            return [
              field,
              type === 'array'
                ? t.field({
                    type: [row],
                    args: listArguments(target.rowType),
                    resolve: (row, _args, _context, info) => pickSet(row, info).rows ?? [],
                  })
                : t.field({
                    type: row,
                    nullable: true,
                    resolve: (row, _args, _context, info) => pickSet(row, info).rows?.[0],
                  }),
            ];
          }),
        ),
        ...Object.fromEntries(
          [...shape.aggregates].map(([field, { target }]) => [
            field,
            t.field({
              type: required(aggregates.get(target.rowType)),
              args: whereArgument(target.rowType),
              resolve: (row, _args, _context, info) => aggregateValues(required(pickSet(row, info).aggregates)),
            }),
          ]),
        ),
      }),
    });
  }
  return { rows, aggregates, whereArgument, listArguments };
}

interface PathInfo {
  readonly path: { readonly key: string | number };
}

/** What the query answered under the field's key in the response. Its type is the catalogue's, unknown to the compiler. */
function pick(row: Row, info: PathInfo): never {
  return row[info.path.key] as never;
}

function pickSet(row: Row, info: PathInfo): RowSet {
  return row[info.path.key] as RowSet;
}

/** For maps that were filled from the same shapes they are asked with. */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a type refers to one that is not published');
  return value;
}
