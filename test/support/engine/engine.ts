import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { type DataConnector, NdcFault } from './data-connector.ts';
import {
  type EngineCore,
  type EngineResponse,
  type EngineSettings,
  errorAnswer,
  errorResponse,
  type GraphqlRequestContext,
  peerOf,
  type RequestContext,
} from './engine-context.ts';
import { createPluginClient, type RawRequest } from './hook-call.ts';
import { planRequest } from './plan-request.ts';
import { type PreParseOutcome, runPreParse } from './pre-parse.ts';
import { runPreResponse } from './pre-response.ts';
import { answerJsonApi, answerSql } from './row-endpoints.ts';
import { sessionOf } from './session.ts';
import { buildSupergraph } from './supergraph.ts';
import { backgroundSpan, type ClientHeaders, requestSpan } from './trace.ts';
import { serveWebsockets } from './websocket.ts';

/**
 * Stands for the DDN engine where it meets plugins and connectors, over HTTP and websockets, with real execution of
 * GraphQL over real NDC calls. Left out: `/v1/explain`, pre-route hooks, permissions, joins between connectors.
 */
export interface Engine {
  readonly url: string;
  /** Changes what the next requests meet. */
  configure(settings: Partial<EngineSettings>): void;
  /** Resolves when the asynchronous hooks called so far have been answered. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function startEngine(connectors: readonly DataConnector[], initial: EngineSettings): Promise<Engine> {
  let settings = initial;
  const client = createPluginClient();
  const background = new Set<Promise<unknown>>();
  const core: EngineCore = {
    schema: buildSupergraph(connectors),
    client,
    settings: () => settings,
    keep(calls) {
      for (const call of calls) {
        background.add(call);
        void call.finally(() => background.delete(call));
      }
    },
  };

  async function answer(request: IncomingMessage): Promise<EngineResponse> {
    const headers = headersOf(request);
    const session = sessionOf(headers, settings.roleEmulation);
    if (!session) return errorResponse(errorAnswer(401, 'unauthenticated'));
    const peer = peerOf(request);
    const context: RequestContext = { settings, client, headers, peer, session, span: requestSpan(headers) };
    const url = new URL(request.url as string, 'http://engine');
    if (request.method === 'POST' && url.pathname === '/graphql')
      return answerGraphql(core, context, await textOf(request));
    if (request.method === 'POST' && url.pathname === '/v1/sql') {
      return withoutGraphqlHooks(answerSql(context, connectors, await textOf(request)));
    }
    if (request.method === 'GET' && url.pathname.startsWith('/v1/rest/')) {
      return withoutGraphqlHooks(answerJsonApi(context, connectors, url));
    }
    return { status: 404, text: '' };
  }

  const server = createServer((request, response) => {
    void answer(request)
      .catch((error: unknown) => errorResponse(errorAnswer(500, String(error))))
      .then(({ status, text }) => response.writeHead(status, { 'content-type': 'application/json' }).end(text));
  });
  const websockets = serveWebsockets(server, core);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    configure: (changes) => (settings = { ...settings, ...changes }),
    async settled() {
      while (background.size > 0) await Promise.all(background);
    },
    async close() {
      websockets.close();
      await Promise.all(background);
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answerGraphql(core: EngineCore, context: RequestContext, body: string): Promise<EngineResponse> {
  const rawRequest = rawRequestOf(body);
  if (!rawRequest) return errorResponse(errorAnswer(500, 'Error parsing the request: not a GraphQL request'));
  const graphql: GraphqlRequestContext = { ...context, rawRequest };
  const parsed = await runPreParse(graphql);
  if (parsed.kind === 'fault') return errorResponse(parsed.answer);
  const response = await responseTo(core, context, parsed);
  const { result, background } = await runPreResponse(graphql, JSON.parse(response.text), () =>
    backgroundSpan(context.headers),
  );
  core.keep(background);
  switch (result.kind) {
    case 'unchanged':
      return response;
    case 'replaced':
      return { status: 200, text: JSON.stringify(result.body) };
    case 'error':
      return errorResponse(result.answer);
  }
}

/** Pre-response hooks run on each of these, also on what a pre-parse hook answered or refused. */
async function responseTo(
  { schema }: EngineCore,
  context: RequestContext,
  parsed: Exclude<PreParseOutcome, { kind: 'fault' }>,
): Promise<EngineResponse> {
  switch (parsed.kind) {
    case 'response':
      return { status: 200, text: parsed.text };
    case 'refusal':
      return errorResponse(parsed.answer);
    case 'continue':
      return execute(schema, context, parsed.request);
  }
}

async function execute(schema: GraphQLSchema, context: RequestContext, request: RawRequest): Promise<EngineResponse> {
  try {
    const plan = planRequest(schema, request);
    if (plan.isSubscription) return errorResponse(errorAnswer(200, 'subscriptions are not supported over HTTP'));
    return { status: 200, text: JSON.stringify(await plan.execute(context)) };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return errorResponse(errorAnswer(200, error.message));
  }
}

/** SQL and JSON:API pass authentication and the connectors, nothing else. */
async function withoutGraphqlHooks(rows: Promise<unknown>): Promise<EngineResponse> {
  try {
    return { status: 200, text: JSON.stringify(await rows) };
  } catch (error) {
    if (!(error instanceof NdcFault)) throw error;
    return { status: 500, text: JSON.stringify({ error: error.message, details: error.details ?? null }) };
  }
}

/** Undefined for what is no JSON object with a string `query`; with a pre-parse hook that is a 500. */
function rawRequestOf(text: string): RawRequest | undefined {
  try {
    const { query, variables, operationName } = JSON.parse(text) as Partial<RawRequest>;
    return typeof query === 'string'
      ? { query, variables: variables ?? null, operationName: operationName ?? null }
      : undefined;
  } catch {
    return undefined;
  }
}

function headersOf({ headersDistinct }: IncomingMessage): ClientHeaders {
  return Object.fromEntries(Object.entries(headersDistinct).map(([name, values]) => [name, values?.[0] ?? '']));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
