import type { FunctionInfo, ProcedureInfo } from '@hasura/ndc-sdk-typescript';
import { HEADERS_ARGUMENT } from '../connector/claimed-actor.ts';
import type { HmlDocument } from './hml.ts';
import type { MetadataContext } from './metadata-context.ts';
import { typeText } from './ndc-type.ts';
import { described } from './object-types.ts';

/** A function (read) or procedure (change) of the connector as a command; readers may run functions. */
export function commandDocuments(
  kind: 'function' | 'procedure',
  info: FunctionInfo | ProcedureInfo,
  { link, names, readers }: MetadataContext,
): HmlDocument[] {
  const name = names.type(info.name);
  // The link's preset fills it; a command that maps it as well would be refused.
  const args = Object.entries(info.arguments).filter(([argument]) => argument !== HEADERS_ARGUMENT);
  return [
    {
      kind: 'Command',
      version: 'v1',
      definition: {
        name,
        ...described(info.description),
        outputType: typeText(info.result_type, names),
        arguments: args.map(([argument, { type, description }]) => ({
          name: names.field(argument),
          type: typeText(type, names),
          ...described(description),
        })),
        source: {
          dataConnectorName: link,
          dataConnectorCommand: { [kind]: info.name },
          argumentMapping: Object.fromEntries(args.map(([argument]) => [names.field(argument), argument])),
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
      definition: {
        commandName: name,
        permissions: (kind === 'function' ? readers : ['admin']).map((role) => ({ role, allowExecution: true })),
      },
    },
  ];
}
