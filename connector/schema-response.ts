import type {
  ArgumentInfo,
  CollectionInfo,
  FunctionInfo,
  ObjectField,
  ObjectType,
  ProcedureInfo,
  SchemaResponse,
  Type,
} from '@hasura/ndc-sdk-typescript';
import { assertNever } from '../core/domain/errors.ts';
import { type FieldDef, nullable, type ObjectDef, scalar, SCALAR_KINDS, type ValueType } from '../core/domain/kind.ts';
import type { Verb, VerbTable } from '../core/services/verbs/verb.ts';
import type { Catalogue, CollectionDef } from '../schema/catalogue.ts';
import { COUNT_KIND } from '../schema/query/aggregate-functions.ts';
import { HEADERS_ARGUMENT, HEADERS_DESCRIPTION } from './claimed-actor.ts';
import { type ClosedSets, closedSets } from './closed-sets.ts';
import { NDC_SCALARS, ndcScalarType } from './scalar-types.ts';

/** The catalogue, the query engine's tables and the verbs in the words of the protocol. */
export function schemaResponse(catalogue: Catalogue, verbs: VerbTable): SchemaResponse {
  const collections = [...catalogue.collections.values()];
  const objects = [...(catalogue.objects?.values() ?? []), ...verbs.objects];
  const all = [...verbs.verbs.values()];
  const sets = closedSets(catalogue, objects, all);
  const typeOf = (type: ValueType): Type => ndcType(type, sets);

  return {
    scalar_types: {
      ...Object.fromEntries(
        SCALAR_KINDS.map((kind) => [NDC_SCALARS[kind].name, ndcScalarType({ scalar: kind }, NDC_SCALARS[kind].name)]),
      ),
      ...Object.fromEntries([...sets.scalars].map(([name, type]) => [name, ndcScalarType(type, name)])),
    },
    object_types: {
      ...Object.fromEntries(collections.map((collection) => [collection.rowType, rowType(collection, typeOf)])),
      ...Object.fromEntries(objects.map((object) => [object.name, objectType(object, typeOf)])),
    },
    collections: collections.map(collectionInfo),
    functions: all.filter((verb) => verb.kind === 'function').map((verb) => functionInfo(verb, typeOf)),
    procedures: all.filter((verb) => verb.kind === 'procedure').map((verb) => procedureInfo(verb, typeOf)),
    capabilities: { query: { aggregates: { count_scalar_type: NDC_SCALARS[COUNT_KIND].name } } },
  };
}

type TypeOf = (type: ValueType) => Type;

function ndcType(type: ValueType, sets: ClosedSets): Type {
  switch (type.type) {
    case 'scalar':
      return { type: 'named', name: type.values ? sets.nameOf(type.values) : NDC_SCALARS[type.scalar].name };
    case 'object':
      return { type: 'named', name: type.object };
    case 'list':
      return { type: 'array', element_type: ndcType(type.of, sets) };
    case 'nullable':
      return { type: 'nullable', underlying_type: ndcType(type.of, sets) };
    default:
      return assertNever(type);
  }
}

function rowType(collection: CollectionDef, typeOf: TypeOf): ObjectType {
  return {
    description: collection.description,
    fields: fieldsOf(collection.columns, typeOf),
    foreign_keys: Object.fromEntries(
      [...collection.foreignKeys].map(([name, { target, mapping }]) => [
        name,
        {
          foreign_collection: target,
          column_mapping: Object.fromEntries(Object.entries(mapping).map(([source, column]) => [source, [column]])),
        },
      ]),
    ),
  };
}

function objectType(object: ObjectDef, typeOf: TypeOf): ObjectType {
  return { description: object.description, fields: fieldsOf(object.fields, typeOf), foreign_keys: {} };
}

function fieldsOf(fields: readonly FieldDef[], typeOf: TypeOf): Record<string, ObjectField> {
  return Object.fromEntries(fields.map(({ name, description, type }) => [name, { description, type: typeOf(type) }]));
}

function collectionInfo(collection: CollectionDef): CollectionInfo {
  return {
    name: collection.name,
    description: collection.description,
    arguments: {},
    type: collection.rowType,
    uniqueness_constraints: Object.fromEntries(
      [...collection.uniqueConstraints].map(([name, columns]) => [name, { unique_columns: [...columns] }]),
    ),
  };
}

function functionInfo(verb: Verb, typeOf: TypeOf): FunctionInfo {
  const { name, description } = verb;
  return { name, description, arguments: argumentsOf(verb.arguments, typeOf), result_type: typeOf(verb.result) };
}

const HEADERS: FieldDef = {
  name: HEADERS_ARGUMENT,
  description: HEADERS_DESCRIPTION,
  type: nullable(scalar('json')),
};

function procedureInfo(verb: Verb, typeOf: TypeOf): ProcedureInfo {
  const { name, description } = verb;
  const all = [...verb.arguments, HEADERS];
  return { name, description, arguments: argumentsOf(all, typeOf), result_type: typeOf(verb.result) };
}

function argumentsOf(fields: readonly FieldDef[], typeOf: TypeOf): Record<string, ArgumentInfo> {
  return fieldsOf(fields, typeOf);
}
