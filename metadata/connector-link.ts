import type { CapabilitiesResponse, SchemaResponse } from '@hasura/ndc-sdk-typescript';
import { HEADERS_ARGUMENT } from '../connector/claimed-actor.ts';
import type { HmlDocument } from './hml.ts';
import type { ProjectOptions } from './project-options.ts';

/** What the connector answers on `/schema` and `/capabilities`. */
export interface ConnectorDescription {
  readonly schema: SchemaResponse;
  readonly capabilities: CapabilitiesResponse;
}

/** Variables that the link reads, named as the `ddn` command line names them. */
export function linkVariables({ subgraph, link }: ProjectOptions): {
  read: string;
  write: string;
  authorization: string;
} {
  const prefix = `${subgraph}_${link}`.toUpperCase();
  return {
    read: `${prefix}_READ_URL`,
    write: `${prefix}_WRITE_URL`,
    authorization: `${prefix}_AUTHORIZATION_HEADER`,
  };
}

/** The link with the connector's schema embedded: the engine never asks the running connector for it. */
export function connectorLink({ schema, capabilities }: ConnectorDescription, options: ProjectOptions): HmlDocument {
  const variables = linkVariables(options);
  return {
    kind: 'DataConnectorLink',
    version: 'v1',
    definition: {
      name: options.link,
      url: {
        readWriteUrls: { read: { valueFromEnv: variables.read }, write: { valueFromEnv: variables.write } },
      },
      headers: { Authorization: { valueFromEnv: variables.authorization } },
      argumentPresets: [
        {
          argument: HEADERS_ARGUMENT,
          value: { httpHeaders: { forward: [], additional: actorHeaders(options.userIdVariable) } },
        },
      ],
      schema: { version: 'v0.2', schema, capabilities },
    },
  };
}

/**
 * Who acts, for the audit of procedures, from the engine's session and not from the client's headers. The role is in
 * every session; a variable that a session lacks would fail the request.
 */
function actorHeaders(userIdVariable: string | null): Record<string, unknown> {
  return {
    'x-hasura-role': { sessionVariable: 'x-hasura-role' },
    ...(userIdVariable === null ? {} : { 'x-hasura-user-id': { sessionVariable: userIdVariable } }),
  };
}
