import type { MutationResponse, QueryResponse, SchemaResponse } from '@hasura/ndc-sdk-typescript';
import type { RequestContext } from './engine-context.ts';
import { jsonOf, ndcHookHeaders, type PluginAnswer, PluginFault } from './hook-call.ts';
import type { NdcHook } from './hook-metadata.ts';
import { bareSession } from './session.ts';
import { childSpan, traceHeaders } from './trace.ts';

/** A `DataConnectorLink`. */
export interface DataConnector {
  readonly subgraph: string;
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly schema: SchemaResponse;
}

/** A field error as the client sees it. */
export class NdcFault extends Error {
  readonly details: unknown;

  constructor(message: string, details?: unknown) {
    super(message);
    this.details = details;
  }
}

export async function linkConnector(
  subgraph: string,
  name: string,
  url: string,
  token?: string,
): Promise<DataConnector> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/schema`, { headers });
  if (!response.ok) throw new Error(`${name} answered ${response.status} to GET /schema`);
  return { subgraph, name, url, headers, schema: (await response.json()) as SchemaResponse };
}

export function runNdcQuery(context: RequestContext, connector: DataConnector, body: object): Promise<QueryResponse> {
  return runNdc(context, connector, 'query', body) as Promise<QueryResponse>;
}

export function runNdcMutation(
  context: RequestContext,
  connector: DataConnector,
  body: object,
): Promise<MutationResponse> {
  return runNdc(context, connector, 'mutation', body) as Promise<MutationResponse>;
}

/** pre-ndc-request, the connector, pre-ndc-response. */
async function runNdc(
  context: RequestContext,
  connector: DataConnector,
  operationType: 'query' | 'mutation',
  body: object,
): Promise<unknown> {
  const { hooks } = context.settings;
  let ndcRequest: unknown = body;
  const before = hookOf(hooks.ndcRequest, connector);
  if (before) {
    const answer = await callHook(context, before, connector, operationType, { ndcRequest });
    if (answer.status === 200) {
      const replaced = jsonOf(answer) as { ndcRequest?: unknown; ndcResponse?: unknown };
      if (Object.keys(replaced).length !== 1) throw new NdcFault('internal error');
      // An answer of the plugin: neither the connector nor the other hook is called.
      if (replaced.ndcResponse !== undefined) return replaced.ndcResponse;
      ndcRequest = replaced.ndcRequest;
    }
  }
  const ndcResponse = await callConnector(context, connector, operationType, ndcRequest);
  const after = hookOf(hooks.ndcResponse, connector);
  if (!after) return ndcResponse;
  const answer = await callHook(context, after, connector, operationType, { ndcRequest, ndcResponse });
  return answer.status === 200 ? jsonOf(answer) : ndcResponse;
}

function hookOf(hooks: readonly NdcHook[], { subgraph, name }: DataConnector): NdcHook | undefined {
  return hooks.find((hook) => hook.subgraph === subgraph && hook.connectors.includes(name));
}

async function callHook(
  context: RequestContext,
  hook: NdcHook,
  { subgraph, name }: DataConnector,
  operationType: string,
  payload: { readonly ndcRequest: unknown; readonly ndcResponse?: unknown },
): Promise<PluginAnswer> {
  const { settings, client, session, span } = context;
  const qualified = { ...(subgraph === 'default' ? {} : { subgraph }), name };
  try {
    const answer = await client.post(hook.url, ndcHookHeaders(hook.headers, childSpan(span)), {
      session: hook.session ? bareSession(session) : null,
      ndcRequest: hook.ndcRequest ? payload.ndcRequest : null,
      ...('ndcResponse' in payload ? { ndcResponse: hook.ndcResponse ? payload.ndcResponse : null } : {}),
      dataConnectorName: settings.connectorNames === 'objects' ? qualified : name,
      operationType,
      ndcVersion: 'v0.2.x',
    });
    if (answer.status === 400) {
      throw new NdcFault(`User error from plugin ${hook.name} (in subgraph ${hook.subgraph})`, jsonOf(answer));
    }
    if (answer.status !== 204 && answer.status !== 200) throw new PluginFault(`status ${answer.status}`);
    return answer;
  } catch (error) {
    if (error instanceof NdcFault) throw error;
    // Unknown status, no answer, undecodable, a session that is no JSON: internal, so that clients learn nothing.
    throw new NdcFault('internal error');
  }
}

async function callConnector(
  { span }: RequestContext,
  { url, headers }: DataConnector,
  path: 'query' | 'mutation',
  body: unknown,
): Promise<unknown> {
  const response = await fetch(`${url}/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hasura-ndc-version': '0.2.0',
      ...traceHeaders(childSpan(span)),
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new NdcFault(`error from data source: ${(answer as { message: string }).message}`);
  return answer;
}
