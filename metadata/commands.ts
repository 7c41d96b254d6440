import type { FunctionInfo, ProcedureInfo } from '@hasura/ndc-sdk-typescript';
import type { HmlNames } from './hml-names.ts';
import type { HmlDocument } from './hml.ts';
import { typeText } from './ndc-type.ts';
import { described } from './object-types.ts';

/** A function (read) or procedure (change) of the connector as a command that the role admin may run. */
export function commandDocuments(
  kind: 'function' | 'procedure',
  info: FunctionInfo | ProcedureInfo,
  link: string,
  names: HmlNames,
): HmlDocument[] {
  const name = names.type(info.name);
  const argumentNames = Object.keys(info.arguments);
  return [
    {
      kind: 'Command',
      version: 'v1',
      definition: {
        name,
        ...described(info.description),
        outputType: typeText(info.result_type, names),
        arguments: Object.entries(info.arguments).map(([argument, { type, description }]) => ({
          name: names.field(argument),
          type: typeText(type, names),
          ...described(description),
        })),
        source: {
          dataConnectorName: link,
          dataConnectorCommand: { [kind]: info.name },
          argumentMapping: Object.fromEntries(argumentNames.map((argument) => [names.field(argument), argument])),
        },
        graphql: {
          rootFieldName: names.rootField(info.name),
          rootFieldKind: kind === 'function' ? 'Query' : 'Mutation',
        },
      },
    },
    {
      kind: 'CommandPermissions',
      version: 'v1',
      definition: { commandName: name, permissions: [{ role: 'admin', allowExecution: true }] },
    },
  ];
}
