import type { ObjectType, SchemaResponse } from '@hasura/ndc-sdk-typescript';
import { camelCase, pascalCase } from '../../../core/domain/spelling.ts';

/** A collection as a model: GraphQL names to NDC names. */
export interface ModelType {
  /** Name of the GraphQL type. */
  readonly name: string;
  readonly collection: string;
  readonly row: ObjectType;
  readonly columns: ReadonlyMap<string, string>;
  readonly relations: ReadonlyMap<string, ModelRelation>;
}

export interface ModelRelation {
  readonly kind: 'object' | 'array';
  readonly target: ModelType;
  readonly mapping: Record<string, string[]>;
}

/** Every collection of a connector, with a relationship each way per foreign key, named after the rows it leads to. */
export function modelTypes(schema: SchemaResponse): Map<string, ModelType> {
  const models = new Map<string, ModelType & { readonly relations: Map<string, ModelRelation> }>();
  for (const { name, type } of schema.collections) {
    const row = schema.object_types[type];
    if (!row) throw new Error(`the schema has no object type ${type}`);
    const columns = new Map(Object.keys(row.fields).map((column) => [camelCase(column), column]));
    models.set(name, { name: pascalCase(name), collection: name, row, columns, relations: new Map() });
  }
  for (const { name, type } of schema.collections) {
    const source = models.get(name) as ModelType & { relations: Map<string, ModelRelation> };
    for (const { foreign_collection, column_mapping } of Object.values(source.row.foreign_keys)) {
      const target = models.get(foreign_collection);
      const targetType = schema.collections.find((one) => one.name === foreign_collection)?.type;
      if (!target || targetType === undefined) throw new Error(`${type} leads to the unknown ${foreign_collection}`);
      const mapping = column_mapping;
      const back = Object.fromEntries(Object.entries(mapping).map(([column, [other]]) => [other as string, [column]]));
      source.relations.set(camelCase(targetType), { kind: 'object', target, mapping });
      target.relations.set(camelCase(name), { kind: 'array', target: source, mapping: back });
    }
  }
  return models;
}
