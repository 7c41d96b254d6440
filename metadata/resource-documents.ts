import type { Catalogue } from '../schema/catalogue.ts';
import { relationsOf } from '../schema/relations.ts';
import { commandDocuments } from './commands.ts';
import type { HmlDocument } from './hml.ts';
import type { MetadataContext } from './metadata-context.ts';
import { modelDocuments } from './models.ts';
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
    ],
  ];
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
