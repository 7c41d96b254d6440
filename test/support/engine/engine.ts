import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execute, type GraphQLSchema, GraphQLError, parse, validate } from 'graphql';
import { type DataConnector, NdcFault } from './data-connector.ts';
import {
  type EngineResponse,
  type EngineSettings,
  errorResponse,
  type GraphqlRequestContext,
  type RequestContext,
} from './engine-context.ts';
import { createPluginClient, type RawRequest } from './hook-call.ts';
import { runPreParse } from './pre-parse.ts';
import { runPreResponse } from './pre-response.ts';
import { answerJsonApi, answerSql } from './row-endpoints.ts';
import { sessionOf } from './session.ts';
import { buildSupergraph } from './supergraph.ts';
import { type ClientHeaders, requestSpan } from './trace.ts';

/**
 * Stands for the DDN engine where it meets plugins and connectors: HTTP only, with real execution of GraphQL over real
 * NDC calls. Left out: websockets and subscriptions (a server of graphql-ws is no small thing, and a hook can't tell
 * them from HTTP by the body), `/v1/explain`, pre-route hooks, permissions, joins between connectors.
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
  const schema = buildSupergraph(connectors);
  const client = createPluginClient();
  const background = new Set<Promise<unknown>>();

  async function answer(request: IncomingMessage): Promise<EngineResponse> {
    const headers = headersOf(request);
    const session = sessionOf(headers, settings.roleEmulation);
    if (!session) return errorResponse(401, 'unauthenticated');
    const peer = (request.socket.remoteAddress ?? '').replace('::ffff:', '');
    const context: RequestContext = { settings, client, headers, peer, session, span: requestSpan(headers) };
    const url = new URL(request.url as string, 'http://engine');
    if (request.method === 'POST' && url.pathname === '/graphql') return answerGraphql(context, await textOf(request));
    if (request.method === 'POST' && url.pathname === '/v1/sql') {
      return withoutGraphqlHooks(answerSql(context, connectors, await textOf(request)));
    }
    if (request.method === 'GET' && url.pathname.startsWith('/v1/rest/')) {
      return withoutGraphqlHooks(answerJsonApi(context, connectors, url));
    }
    return { status: 404, text: '' };
  }

  async function answerGraphql(context: RequestContext, body: string): Promise<EngineResponse> {
    const rawRequest = rawRequestOf(body);
    if (!rawRequest) return errorResponse(500, 'Error parsing the request: not a GraphQL request');
    const graphql: GraphqlRequestContext = { ...context, rawRequest };
    const parsed = await runPreParse(graphql);
    if (parsed.kind === 'fault') return parsed.response;
    const response = parsed.kind === 'response' ? parsed.response : await run(schema, context, parsed.request);
    const outcome = await runPreResponse(graphql, response);
    for (const call of outcome.background) {
      background.add(call);
      void call.finally(() => background.delete(call));
    }
    return outcome.response;
  }

  const server = createServer((request, response) => {
    void answer(request)
      .catch((error: unknown) => errorResponse(500, String(error)))
      .then(({ status, text }) => response.writeHead(status, { 'content-type': 'application/json' }).end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    configure: (changes) => (settings = { ...settings, ...changes }),
    async settled() {
      while (background.size > 0) await Promise.all(background);
    },
    async close() {
      await Promise.all(background);
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function run(schema: GraphQLSchema, context: RequestContext, request: RawRequest): Promise<EngineResponse> {
  try {
    const document = parse(request.query);
    const [fault] = validate(schema, document);
    if (fault) throw fault;
    const result = await execute({
      schema,
      document,
      contextValue: context,
      variableValues: request.variables,
      operationName: request.operationName,
    });
    return { status: 200, text: JSON.stringify('data' in result ? result : { data: null, ...result }) };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return errorResponse(200, error.message);
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
