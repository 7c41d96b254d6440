import type { GraphQLSchema } from 'graphql';
import { addCollectionFields } from './collection-fields.ts';
import { createBuilder } from './builder.ts';
import type { GraphqlDeps } from './graphql-deps.ts';
import type { GraphqlLimits } from './graphql-limits.ts';
import { createQueryLowering } from './lower-query.ts';
import { objectShapes } from './object-shape.ts';
import { catalogueTypes } from './row-types.ts';
import { addVerbFields } from './verb-fields.ts';

type SchemaDeps = Pick<GraphqlDeps, 'engine' | 'runner' | 'verbs' | 'snapshot' | 'transaction'>;

/** The GraphQL schema over every published collection and every verb. Refuses names that collide in GraphQL. */
export function buildGraphqlSchema(deps: SchemaDeps, limits: GraphqlLimits): GraphQLSchema {
  const builder = createBuilder();
  const objects = new Map(deps.engine.catalogue.objects);
  for (const object of deps.verbs.objects) objects.set(object.name, object);
  // The engine selects from what verbs return, so it has to know their types as well.
  const catalogue = { ...deps.engine.catalogue, objects };
  const complete = { ...deps, engine: { ...deps.engine, catalogue } };
  const shapes = objectShapes(catalogue, objects);
  const types = catalogueTypes(builder, shapes);
  const lowering = createQueryLowering(shapes, limits);
  builder.queryType({});
  if ([...deps.verbs.verbs.values()].some(({ kind }) => kind === 'procedure')) builder.mutationType({});
  addCollectionFields(builder, types, shapes, lowering, complete);
  addVerbFields(builder, types, objects, lowering, complete);
  return builder.toSchema();
}
