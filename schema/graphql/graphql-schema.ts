import type { GraphQLSchema } from 'graphql';
import { addCollectionFields } from './collection-fields.ts';
import { createBuilder } from './builder.ts';
import type { GraphqlDeps } from './graphql-deps.ts';
import type { GraphqlLimits } from './graphql-limits.ts';
import { createQueryLowering } from './lower-query.ts';
import { objectShapes } from './object-shape.ts';
import { catalogueTypes } from './row-types.ts';
import { addVerbFields } from './verb-fields.ts';

type SchemaDeps = Pick<GraphqlDeps, 'engine' | 'runner' | 'verbs' | 'transaction'>;

/** The GraphQL schema over every published collection and every verb. Refuses names that collide in GraphQL. */
export function buildGraphqlSchema(deps: SchemaDeps, limits: GraphqlLimits): GraphQLSchema {
  const builder = createBuilder();
  const { catalogue } = deps.engine;
  const objects = new Map([
    ...(catalogue.objects ?? []),
    ...deps.verbs.objects.map((object) => [object.name, object] as const),
  ]);
  const shapes = objectShapes(catalogue, objects);
  const types = catalogueTypes(builder, shapes);
  const lowering = createQueryLowering(shapes, limits);
  builder.queryType({});
  if ([...deps.verbs.verbs.values()].some(({ kind }) => kind === 'procedure')) builder.mutationType({});
  addCollectionFields(builder, types, shapes, lowering, deps);
  addVerbFields(builder, types, objects, lowering, deps);
  return builder.toSchema();
}
