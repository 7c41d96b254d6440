import type { ObjectType } from '@hasura/ndc-sdk-typescript';
import type { HmlNames } from './hml-names.ts';
import type { HmlDocument } from './hml.ts';
import { typeText } from './ndc-type.ts';

/** An object type with its mapping to the connector's, and the fields that the role admin sees: all. */
export function objectTypeDocuments(name: string, object: ObjectType, link: string, names: HmlNames): HmlDocument[] {
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
        permissions: [{ role: 'admin', output: { allowedFields: columns.map(([column]) => names.field(column)) } }],
      },
    },
  ];
}

/** Descriptions are what PromptQL reads; an absent one leaves no key. */
export function described(description: string | null | undefined): { description?: string } {
  return description ? { description } : {};
}
