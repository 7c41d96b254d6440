import type { HmlDocument } from './hml.ts';
import type { MetadataContext } from './metadata-context.ts';
import { typeText } from './ndc-type.ts';

/** An object type of the connector with its mapping, and the fields that readers see: all. */
export function objectTypeDocuments(name: string, { schema, link, names, readers }: MetadataContext): HmlDocument[] {
  const object = schema.object_types[name];
  if (!object) throw new Error(`the schema names the unknown object type "${name}"`);
  const typeName = names.type(name);
  const columns = Object.entries(object.fields);
  return [
    {
      kind: 'ObjectType',
      version: 'v1',
      definition: {
        name: typeName,
        ...described(object.description),
        fields: columns.map(([column, field]) => ({
          name: names.field(column),
          type: typeText(field.type, names),
          ...described(field.description),
        })),
        graphql: { typeName: names.graphqlType(typeName), inputTypeName: names.graphqlType(`${typeName}Input`) },
        dataConnectorTypeMapping: [
          {
            dataConnectorName: link,
            dataConnectorObjectType: name,
            fieldMapping: Object.fromEntries(
              columns.map(([column]) => [names.field(column), { column: { name: column } }]),
            ),
          },
        ],
      },
    },
    {
      kind: 'TypePermissions',
      version: 'v1',
      definition: {
        typeName,
        permissions: readers.map((role) => ({
          role,
          output: { allowedFields: columns.map(([column]) => names.field(column)) },
        })),
      },
    },
  ];
}

/** Descriptions are what PromptQL reads; an absent one leaves no key. */
export function described(description: string | null | undefined): { description?: string } {
  return description ? { description } : {};
}
