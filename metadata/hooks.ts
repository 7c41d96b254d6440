import type { HmlDocument } from './hml.ts';

/** Variables that the hooks read; each subgraph that holds a hook maps those it needs. */
export const HOOK_VARIABLES = {
  preParse: 'ANOMALIES_PRE_PARSE_URL',
  preResponse: 'ANOMALIES_URL',
  ndcResponse: 'ANOMALIES_NDC_RESPONSE_URL',
  secret: 'M_AUTH_KEY',
} as const;

/**
 * Of the client's headers only the request id is forwarded; the trace headers come from the engine itself, and identity
 * is the session's.
 */
const GRAPHQL_HOOK_REQUEST = {
  headers: {
    additional: { 'hasura-m-auth': { valueFromEnv: HOOK_VARIABLES.secret } },
    forward: ['x-request-id'],
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
 * The hook that sees what PromptQL's SQL reads from the given connectors. It names connectors of its own subgraph only,
 * and its `headers` are a plain map, unlike those of the GraphQL hooks.
 */
export function ndcResponseHook(connectors: readonly string[]): HmlDocument {
  return hook({
    pre: 'ndcResponse',
    name: 'anomalies_ndc_response',
    connectors,
    url: { valueFromEnv: HOOK_VARIABLES.ndcResponse },
    config: {
      request: {
        headers: { 'hasura-m-auth': { valueFromEnv: HOOK_VARIABLES.secret } },
        session: {},
        ndcRequest: {},
        ndcResponse: {},
      },
    },
  });
}

function hook(definition: Readonly<Record<string, unknown>>): HmlDocument {
  return { kind: 'LifecyclePluginHook', version: 'v1', definition };
}
