import type { GraphQLResolveInfo } from 'graphql';
import { camelCase, lookUpName } from '../../core/domain/spelling.ts';
import type { CollectionDef } from '../catalogue.ts';
import type { QueryForm, RowSet } from '../query/form.ts';
import { runQuery } from '../query/run-query.ts';
import { aggregateValues } from './aggregate-types.ts';
import type { Builder } from './builder.ts';
import type { GraphqlDeps } from './graphql-deps.ts';
import type { FieldSelection, QueryLowering } from './lower-query.ts';
import { type ObjectShape, type ObjectShapes, shapeNamed } from './object-shape.ts';
import { type CatalogueTypes, required } from './row-types.ts';
import { selectionUnder } from './selection.ts';
import { GRAPHQL_SCALARS } from './scalar-kinds.ts';

type Lower = (shape: ObjectShape, selection: FieldSelection) => QueryForm;

/**
 * Root fields per collection: the list, its aggregate, and a look-up by each unique key. Each runs one query, and each
 * is nullable, so that a failure of one leaves the answers of the others.
 */
export function addCollectionFields(
  builder: Builder,
  types: CatalogueTypes,
  shapes: ObjectShapes,
  lowering: QueryLowering,
  deps: Pick<GraphqlDeps, 'engine' | 'runner'>,
): void {
  const answer = async (
    collection: CollectionDef,
    lower: Lower,
    args: Readonly<Record<string, unknown>>,
    info: GraphQLResolveInfo,
  ): Promise<RowSet> => {
    const query = lower(shapeNamed(shapes, collection.rowType), { args, children: selectionUnder(info) });
    const [rowSet] = await runQuery(deps.engine, deps.runner, { collection: collection.name, query });
    return rowSet as RowSet;
  };

  for (const collection of deps.engine.catalogue.collections.values()) {
    const { name, rowType, description } = collection;
    const row = required(types.rows.get(rowType));
    builder.queryField(camelCase(name), (t) =>
      t.field({
        type: [row],
        nullable: true,
        description,
        args: types.listArguments(rowType),
        resolve: async (_root, args, _context, info) =>
          (await answer(collection, lowering.list, args, info)).rows ?? [],
      }),
    );
    builder.queryField(`${camelCase(name)}Aggregate`, (t) =>
      t.field({
        type: required(types.aggregates.get(rowType)),
        nullable: true,
        description: `Aggregates over ${name}.`,
        args: types.whereArgument(rowType),
        resolve: async (_root, args, _context, info) =>
          aggregateValues(required((await answer(collection, lowering.aggregate, args, info)).aggregates)),
      }),
    );
    for (const columns of collection.uniqueConstraints.values()) {
      builder.queryField(lookUpName(name, columns), (t) =>
        t.field({
          type: row,
          nullable: true,
          description: `The row of ${name} with this ${columns.join(', ')}; null if there is none.`,
          args: keyArguments(builder, collection, columns),
          resolve: async (_root, args, _context, info) =>
            (await answer(collection, lowering.lookUp, args, info)).rows?.[0],
        }),
      );
    }
  }
}

function keyArguments(builder: Builder, collection: CollectionDef, columns: readonly string[]) {
  return builder.args((t) =>
    Object.fromEntries(
      columns.map((name) => {
        const column = required(collection.columns.find((candidate) => candidate.name === name));
        return [camelCase(name), t.field({ type: GRAPHQL_SCALARS[column.kind], required: true })];
      }),
    ),
  );
}
