import { OWN_TRAFFIC_HEADER } from '../core/domain/own-traffic-marker.ts';
import type { HmlDocument } from './hml.ts';

/** Variables that the hooks read; each subgraph that holds a hook maps those it needs. */
export const HOOK_VARIABLES = {
  preParse: 'ANOMALIES_PRE_PARSE_URL',
  preResponse: 'ANOMALIES_URL',
  ndcRequest: 'ANOMALIES_NDC_REQUEST_URL',
  ndcResponse: 'ANOMALIES_NDC_RESPONSE_URL',
  secret: 'M_AUTH_KEY',
} as const;

/**
 * Of the client's headers the request id is forwarded, and the marker of our own requests; the trace headers come from the engine itself, and identity
 * is the session's.
 */
const GRAPHQL_HOOK_REQUEST = {
  headers: {
    additional: { 'hasura-m-auth': { valueFromEnv: HOOK_VARIABLES.secret } },
    forward: ['x-request-id', OWN_TRAFFIC_HEADER],
  },
  session: {},
  rawRequest: { query: {}, variables: {} },
};

/** The hooks of the whole supergraph. They stand in one file because order is kept within a file only. */
export function graphqlHooks(): HmlDocument[] {
  return [
    hook({
      pre: 'parse',
      name: 'anomalies_pre_parse',
      url: { valueFromEnv: HOOK_VARIABLES.preParse },
      config: { request: GRAPHQL_HOOK_REQUEST },
    }),
    hook({
      pre: 'response',
      name: 'anomalies',
      url: { valueFromEnv: HOOK_VARIABLES.preResponse },
      config: { request: GRAPHQL_HOOK_REQUEST, mode: { type: 'asynchronous' } },
    }),
  ];
}

/**
 * The hooks around every request to the given connectors: the first asks the kill switch, the second sees what was
 * answered. PromptQL's SQL and JSON:API pass these only. They name connectors of their own subgraph, and their `headers`
 * are a plain map, unlike those of the GraphQL hooks.
 */
export function ndcHooks(connectors: readonly string[]): HmlDocument[] {
  const request = {
    headers: { 'hasura-m-auth': { valueFromEnv: HOOK_VARIABLES.secret } },
    session: {},
    ndcRequest: {},
  };
  return [
    hook({
      pre: 'ndcRequest',
      name: 'anomalies_ndc_request',
      connectors,
      url: { valueFromEnv: HOOK_VARIABLES.ndcRequest },
      config: { request },
    }),
    hook({
      pre: 'ndcResponse',
      name: 'anomalies_ndc_response',
      connectors,
      url: { valueFromEnv: HOOK_VARIABLES.ndcResponse },
      config: { request: { ...request, ndcResponse: {} } },
    }),
  ];
}

function hook(definition: Readonly<Record<string, unknown>>): HmlDocument {
  return { kind: 'LifecyclePluginHook', version: 'v1', definition };
}
