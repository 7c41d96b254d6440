import type { CollectionInfo, ObjectType } from '@hasura/ndc-sdk-typescript';
import type { HmlDocument } from './hml.ts';
import type { MetadataContext } from './metadata-context.ts';
import { columnObject, columnScalar } from './ndc-type.ts';
import { described } from './object-types.ts';
import type { Relation } from '../schema/relations.ts';
import { isFilterable } from './scalar-types.ts';

/** A collection as a model: what filters, aggregates and orders it, its root fields, and who reads it. */
export function modelDocuments(
  collection: CollectionInfo,
  relations: readonly Relation[],
  context: MetadataContext,
): HmlDocument[] {
  const object = context.schema.object_types[collection.type];
  if (!object) throw new Error(`collection "${collection.name}" has the unknown type "${collection.type}"`);
  return [
    objectBooleanExpression(collection.type, object, relations, context),
    aggregateExpression(collection.type, object, context),
    orderByExpression(collection.type, object, relations, context),
    model(collection, context),
    {
      kind: 'ModelPermissions',
      version: 'v1',
      definition: {
        modelName: context.names.model(collection.name),
        permissions: context.readers.map((role) => ({ role, select: { filter: null, allowSubscriptions: true } })),
      },
    },
  ];
}

/** Columns that hold one scalar, with that scalar's name. */
function scalarColumns(object: ObjectType, { schema }: MetadataContext): [column: string, scalar: string][] {
  return Object.entries(object.fields).flatMap(([column, field]) => {
    const scalar = columnScalar(field.type, schema.scalar_types);
    return scalar === undefined ? [] : [[column, scalar] as [string, string]];
  });
}

/** What rows of a model, or objects inside their columns, are filtered by. Lists of scalars are left out: the build refuses them. */
export function objectBooleanExpression(
  typeName: string,
  object: ObjectType,
  relations: readonly Relation[],
  context: MetadataContext,
): HmlDocument {
  const { names, schema } = context;
  const name = names.booleanExpression(typeName);
  return {
    kind: 'BooleanExpressionType',
    version: 'v1',
    definition: {
      name,
      operand: {
        object: {
          type: names.type(typeName),
          comparableFields: Object.entries(object.fields).flatMap(([column, { type }]) => {
            const scalar = columnScalar(type, schema.scalar_types);
            const isComparable = scalar !== undefined && isFilterable(schema.scalar_types[scalar]!);
            const compared = isComparable ? scalar : columnObject(type, schema.object_types);
            if (compared === undefined) return [];
            return [{ fieldName: names.field(column), booleanExpressionType: names.booleanExpression(compared) }];
          }),
          comparableRelationships: relations.map((relation) => ({
            relationshipName: names.field(relation.name),
            booleanExpressionType: names.booleanExpression(relation.target.rowType),
          })),
        },
      },
      logicalOperators: { enable: true },
      isNull: { enable: true },
      graphql: { typeName: names.graphqlType(name) },
    },
  };
}

function aggregateExpression(typeName: string, object: ObjectType, context: MetadataContext): HmlDocument {
  const { names, countScalar } = context;
  const name = names.aggregateExpression(typeName);
  return {
    kind: 'AggregateExpression',
    version: 'v1',
    definition: {
      name,
      operand: {
        object: {
          aggregatedType: names.type(typeName),
          aggregatableFields: scalarColumns(object, context).map(([column, scalar]) => ({
            fieldName: names.field(column),
            aggregateExpression: names.aggregateExpression(scalar),
          })),
        },
      },
      count: { enable: true, ...(countScalar === 'Int' ? {} : { returnType: names.type(countScalar) }) },
      graphql: { selectTypeName: names.graphqlType(name) },
    },
  };
}

/** Array relations are left out: the build refuses to order by them. */
function orderByExpression(
  typeName: string,
  object: ObjectType,
  relations: readonly Relation[],
  context: MetadataContext,
): HmlDocument {
  const { names } = context;
  const name = names.orderByExpression(typeName);
  return {
    kind: 'OrderByExpression',
    version: 'v1',
    definition: {
      name,
      operand: {
        object: {
          orderedType: names.type(typeName),
          orderableFields: scalarColumns(object, context).map(([column, scalar]) => ({
            fieldName: names.field(column),
            orderByExpression: names.orderByExpression(scalar),
          })),
          orderableRelationships: relations
            .filter(({ type }) => type === 'object')
            .map((relation) => ({
              relationshipName: names.field(relation.name),
              orderByExpression: names.orderByExpression(relation.target.rowType),
            })),
        },
      },
      graphql: { expressionTypeName: names.graphqlType(name) },
    },
  };
}

function model(collection: CollectionInfo, { link, names }: MetadataContext): HmlDocument {
  const name = names.model(collection.name);
  const many = names.rootField(collection.name);
  const aggregate = names.rootField(`${collection.name}_aggregate`);
  return {
    kind: 'Model',
    version: 'v2',
    definition: {
      name,
      objectType: names.type(collection.type),
      ...described(collection.description),
      source: { dataConnectorName: link, collection: collection.name },
      filterExpressionType: names.booleanExpression(collection.type),
      orderByExpression: names.orderByExpression(collection.type),
      aggregateExpression: names.aggregateExpression(collection.type),
      graphql: {
        selectMany: { queryRootField: many, subscription: { rootField: many } },
        selectUniques: Object.values(collection.uniqueness_constraints).map(({ unique_columns }) => {
          const field = names.lookUpRootField(collection.name, unique_columns);
          return {
            queryRootField: field,
            uniqueIdentifier: unique_columns.map((column) => names.field(column)),
            subscription: { rootField: field },
          };
        }),
        filterInputTypeName: names.graphqlType(`${name}FilterInput`),
        aggregate: { queryRootField: aggregate, subscription: { rootField: aggregate } },
      },
    },
  };
}
