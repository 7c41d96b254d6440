import type { RowFieldValue, Type } from '@hasura/ndc-sdk-typescript';
import {
  GraphQLBoolean,
  GraphQLError,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  GraphQLSchema,
} from 'graphql';
import { camelCase } from '../../../core/domain/spelling.ts';
import { type DataConnector, NdcFault, runNdcMutation, runNdcQuery } from './data-connector.ts';
import type { RequestContext } from './engine-context.ts';
import { type ModelType, modelTypes } from './model-types.ts';
import { queryArguments, selectFields } from './select-fields.ts';

/** Any JSON value. Scalars of connectors are not told apart: the connectors check them themselves. */
const JSON_SCALAR = new GraphQLScalarType({ name: 'JSON' });

const LIST_ARGUMENTS = {
  limit: { type: GraphQLInt },
  offset: { type: GraphQLInt },
  where: { type: JSON_SCALAR },
  orderBy: { type: JSON_SCALAR },
};

type Fields = GraphQLFieldConfigMap<unknown, RequestContext>;

/** One GraphQL schema over several connectors: a root field per collection, to query and to subscribe to, a mutation per procedure. */
export function buildSupergraph(connectors: readonly DataConnector[]): GraphQLSchema {
  const query: Fields = {};
  const mutation: Fields = {};
  for (const connector of connectors) {
    const types = new Map<ModelType, GraphQLObjectType>();
    for (const model of modelTypes(connector.schema).values()) {
      query[camelCase(model.collection)] = modelField(connector, model, typeOf(model, types));
    }
    for (const { name, arguments: args, result_type } of connector.schema.procedures) {
      mutation[camelCase(name)] = procedureField(connector, name, Object.keys(args), result_type);
    }
  }
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: query }),
    // A subscription polls what the query of the same name asks for.
    subscription: new GraphQLObjectType({ name: 'Subscription', fields: query }),
    ...(Object.keys(mutation).length === 0
      ? {}
      : { mutation: new GraphQLObjectType({ name: 'Mutation', fields: mutation }) }),
  });
}

function typeOf(model: ModelType, types: Map<ModelType, GraphQLObjectType>): GraphQLObjectType {
  const known = types.get(model);
  if (known) return known;
  const type: GraphQLObjectType = new GraphQLObjectType({
    name: model.name,
    fields: () => {
      const columns = [...model.columns].map(
        ([field, column]): [string, GraphQLFieldConfig<unknown, RequestContext>] => [
          field,
          { type: scalarOf((model.row.fields[column] as { type: Type }).type), resolve: byResponseKey },
        ],
      );
      const relations = [...model.relations].map(
        ([field, { kind, target }]): [string, GraphQLFieldConfig<unknown, RequestContext>] => {
          const related = typeOf(target, types);
          return [
            field,
            kind === 'array'
              ? { type: new GraphQLList(new GraphQLNonNull(related)), args: LIST_ARGUMENTS, resolve: relatedRows }
              : {
                  type: related,
                  resolve: (row, _args, _context, info) => relatedRows(row, {}, _context, info)[0] ?? null,
                },
          ];
        },
      );
      return Object.fromEntries([...columns, ...relations]);
    },
  });
  types.set(model, type);
  return type;
}

function scalarOf(type: Type): GraphQLOutputType {
  if (type.type === 'named' && type.name === 'Boolean') return GraphQLBoolean;
  return JSON_SCALAR;
}

function modelField(
  connector: DataConnector,
  model: ModelType,
  type: GraphQLObjectType,
): GraphQLFieldConfig<unknown, RequestContext> {
  return {
    type: new GraphQLList(new GraphQLNonNull(type)),
    args: LIST_ARGUMENTS,
    async resolve(_root, args: Record<string, unknown>, context, info) {
      const { fields, relationships } = selectFields(info, model, selectionsOf(info));
      const [rowSet] = await asFieldError(
        runNdcQuery(context, connector, {
          collection: model.collection,
          query: { fields, ...queryArguments(model, args) },
          arguments: {},
          collection_relationships: relationships,
        }),
      );
      return rowSet?.rows ?? [];
    },
  };
}

/** The whole result of a procedure as JSON: what the tests ask of commands needs no selection. */
function procedureField(
  connector: DataConnector,
  name: string,
  argumentNames: readonly string[],
  resultType: Type,
): GraphQLFieldConfig<unknown, RequestContext> {
  const given = argumentNames.filter((argument) => argument !== 'headers');
  return {
    type: JSON_SCALAR,
    description: JSON.stringify(resultType),
    args: Object.fromEntries(given.map((argument) => [camelCase(argument), { type: JSON_SCALAR }])),
    async resolve(_root, args: Record<string, unknown>, context) {
      const values = given.filter((argument) => args[camelCase(argument)] !== undefined);
      const { operation_results: results } = await asFieldError(
        runNdcMutation(context, connector, {
          operations: [
            {
              type: 'procedure',
              name,
              arguments: Object.fromEntries(values.map((argument) => [argument, args[camelCase(argument)]])),
            },
          ],
          collection_relationships: {},
        }),
      );
      return results[0]?.result;
    },
  };
}

function selectionsOf({ fieldNodes }: GraphQLResolveInfo) {
  return fieldNodes.flatMap((node) => node.selectionSet ?? []);
}

type Row = Readonly<Record<string, RowFieldValue>>;

function byResponseKey(row: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo): unknown {
  return (row as Row)[info.path.key];
}

function relatedRows(row: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo): readonly Row[] {
  const related = byResponseKey(row, _args, _context, info) as { readonly rows?: readonly Row[] };
  return related.rows ?? [];
}

async function asFieldError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof NdcFault)) throw error;
    const extensions = error.details === undefined ? {} : { extensions: { details: error.details } };
    throw new GraphQLError(error.message, extensions);
  }
}
