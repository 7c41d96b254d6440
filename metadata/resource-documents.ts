import type { ObjectType } from '@hasura/ndc-sdk-typescript';
import type { Catalogue } from '../schema/catalogue.ts';
import { relationsOf } from '../schema/relations.ts';
import { commandDocuments } from './commands.ts';
import type { HmlDocument } from './hml.ts';
import type { MetadataContext } from './metadata-context.ts';
import { modelDocuments, objectBooleanExpression } from './models.ts';
import { columnObject } from './ndc-type.ts';
import { objectTypeDocuments } from './object-types.ts';
import { relationshipDocument } from './relationships.ts';
import { scalarDocuments } from './scalar-types.ts';

/** File name without ending, and its documents. */
export type NamedDocuments = [name: string, documents: HmlDocument[]];

/** A file of the types that are shared, then one per model and one per command. */
export function resourceDocuments(catalogue: Catalogue, context: MetadataContext): NamedDocuments[] {
  const { functions, procedures } = context.schema;
  return [
    sharedTypes(context),
    ...modelFiles(catalogue, context),
    ...functions.map((info): NamedDocuments => [
      context.names.type(info.name),
      commandDocuments('function', info, context),
    ]),
    ...procedures.map((info): NamedDocuments => [
      context.names.type(info.name),
      commandDocuments('procedure', info, context),
    ]),
  ];
}

/** Scalars, and the object types that are rows of no collection: results of commands and parts of columns. */
function sharedTypes(context: MetadataContext): NamedDocuments {
  const { schema, link } = context;
  const rowTypes = new Set(schema.collections.map(({ type }) => type));
  return [
    `${link}-types`,
    [
      ...Object.entries(schema.scalar_types).flatMap(([name, scalar]) => scalarDocuments(name, scalar, context)),
      ...Object.keys(schema.object_types)
        .filter((name) => !rowTypes.has(name))
        .flatMap((name) => objectTypeDocuments(name, context)),
      ...objectsInColumns(context).map((name) =>
        objectBooleanExpression(name, schema.object_types[name] as ObjectType, [], context),
      ),
    ],
  ];
}

/** The object types that columns of collections hold, at whatever depth. */
function objectsInColumns({ schema }: MetadataContext): readonly string[] {
  const found = new Set<string>();
  const visit = (objectType: string): void => {
    for (const { type } of Object.values(schema.object_types[objectType]?.fields ?? {})) {
      const inside = columnObject(type, schema.object_types);
      if (inside === undefined || found.has(inside)) continue;
      found.add(inside);
      visit(inside);
    }
  };
  for (const { type } of schema.collections) visit(type);
  return [...found];
}

function modelFiles(catalogue: Catalogue, context: MetadataContext): NamedDocuments[] {
  return context.schema.collections.map((collection) => {
    const published = catalogue.collections.get(collection.name);
    const relations = published ? relationsOf(published, catalogue) : [];
    return [
      context.names.model(collection.name),
      [
        ...objectTypeDocuments(collection.type, context),
        ...modelDocuments(collection, relations, context),
        ...relations.map((relation) => relationshipDocument(relation, context.names)),
      ],
    ];
  });
}
