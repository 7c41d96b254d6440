import { Readable } from 'node:stream';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { MutationRequest, QueryRequest } from '@hasura/ndc-sdk-typescript';
import { badRequest, DomainError, notFound, unauthenticated } from '../core/domain/errors.ts';
import { NO_TRACER, type RequestSpan, type RequestTracer } from '../core/services/request-tracer.ts';
import { accessLogEntry } from './access-log.ts';
import { type NdcFailure, toFailure } from './error-response.ts';
import { parseJsonBody } from './json-body.ts';
import type { SentinelConnector } from './sentinel-connector.ts';
import { createTokenCheck } from './service-token.ts';
import { NDC_VERSION, NDC_VERSION_HEADER, versionFault } from './spec-version.ts';

export interface HostLimits {
  /** Largest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** Deepest nesting of a request body, in levels. */
  readonly maxBodyDepth: number;
  /** How long a client may take to send a request, in ms. */
  readonly requestTimeoutMs: number;
}

/** The body limit is the SDK's, so that a request it would take is not refused here. */
export const DEFAULT_HOST_LIMITS: HostLimits = {
  maxBodyBytes: 30 * 1_048_576,
  maxBodyDepth: 256,
  requestTimeoutMs: 60_000,
};

/** The part of a pino logger the host writes to. */
export interface HostLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface HostDeps {
  readonly connector: SentinelConnector;
  /** `HASURA_SERVICE_TOKEN_SECRET`; unset or empty: no token is asked for. */
  readonly secret: string | undefined;
  readonly limits?: Partial<HostLimits>;
  readonly logger: HostLogger;
  /** One span per query or mutation; without it none. */
  readonly tracer?: RequestTracer;
  /** The body of `/metrics`, in the Prometheus text format. */
  readonly metrics: () => string | Promise<string>;
}

export interface NdcHost {
  readonly app: FastifyInstance;
  /** Resolves with the URL once connections are accepted; port 0 takes a free one. */
  listen(address: { readonly host: string; readonly port: number }): Promise<string>;
  /** Stops accepting, answers what is in flight, then resolves. */
  close(): Promise<void>;
}

/**
 * The HTTP surface of an NDC connector: the routes of the SDK's own server with version 0.2.13, a token that is checked
 * before the body is read, and one form of error everywhere.
 */
export function createHost(deps: HostDeps): NdcHost {
  const limits = { ...DEFAULT_HOST_LIMITS, ...deps.limits };
  const app = Fastify({
    logger: false,
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      void sendError(deps, error, request, reply);
    },
    clientErrorHandler: (error, socket) => {
      const body = JSON.stringify({ message: 'The request is not readable as HTTP.', details: { code: error.code } });
      if (socket.writable)
        socket.end(
          `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
        );
    },
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer, limits.maxBodyDepth));
    } catch (error) {
      done(error as Error);
    }
  });

  const isAuthorized = createTokenCheck(deps.secret);
  app.addHook('onRequest', async (request) => {
    if (isHealth(request)) return;
    if (!isAuthorized(request.headers.authorization)) {
      throw unauthenticated('TOKEN', 'The bearer token is missing or does not match.');
    }
    const fault = versionFault(request.raw.headersDistinct[NDC_VERSION_HEADER] ?? []);
    if (fault) throw badRequest('NDC_VERSION', fault, { details: { version: NDC_VERSION } });
  });
  addSpans(app, deps.tracer ?? NO_TRACER);
  app.addHook('onResponse', async (request, reply) => {
    if (!isHealth(request)) deps.logger.info(accessLogEntry(request, reply), 'NDC request');
  });
  app.setErrorHandler((error, request, reply) => sendError(deps, error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(toFailure(notFound('ROUTE', `There is no route ${request.method} ${pathOf(request)}.`)).body),
  );

  addRoutes(app, deps);

  return {
    app,
    listen: async ({ host, port }) => app.listen({ host, port }),
    close: async () => app.close(),
  };
}

/** Queries, mutations and their plans, from the head of the request to the last byte written. */
function addSpans(app: FastifyInstance, tracer: RequestTracer): void {
  if (tracer === NO_TRACER) return;
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  app.addHook('onRequest', async (request) => {
    if (request.method !== 'POST') return;
    const span = tracer.start(`POST ${request.routeOptions.url ?? 'unknown route'}`, request.headers);
    if (span) spans.set(request, span);
  });
  app.addHook('onResponse', async (request, reply) => {
    spans.get(request)?.end({ 'http.response.status_code': reply.statusCode });
  });
}

function addRoutes(app: FastifyInstance, deps: HostDeps): void {
  const { connector, metrics } = deps;
  app.get('/capabilities', async () => ({ version: NDC_VERSION, capabilities: connector.getCapabilities(null) }));
  app.get('/schema', async () => connector.getSchema(null));
  app.post('/query', async (request, reply) => {
    const json = await connector.queryJson(request.body);
    if (json instanceof Readable) json.once('error', (error) => logCut(deps, error, request));
    return reply.type('application/json; charset=utf-8').send(json);
  });
  app.post('/query/explain', (request) => connector.queryExplain(null, null, request.body as QueryRequest));
  app.post('/mutation', (request) => connector.mutation(null, null, request.body as MutationRequest));
  app.post('/mutation/explain', (request) => connector.mutationExplain(null, null, request.body as MutationRequest));
  app.get('/health', async (_request, reply) => {
    try {
      await connector.getHealthReadiness?.(null, null);
      return await reply.code(200).send();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return await reply.code(503).send(toFailure(error).body);
    }
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  );
}

function sendError(deps: HostDeps, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isClientFault(error)) {
    return reply.code(error.statusCode).send({ message: messageOf(error, request), details: { code: error.code } });
  }
  const { status, body } = failureOf(deps, error, request);
  return reply.code(status).send(body);
}

/** An answer that failed after its first byte left: its connection is cut, so that the client sees it is not whole. */
function logCut(deps: HostDeps, error: Error, request: FastifyRequest): void {
  const { body } = failureOf(deps, error, request);
  deps.logger.warn({ event: 'ndc_answer_cut', route: pathOf(request), ...body.details }, body.message);
}

/** What an error is to the client; logged if it is not the client's. */
function failureOf(deps: HostDeps, error: unknown, request: FastifyRequest): NdcFailure {
  const failure = toFailure(error);
  const { status, body, incidentId } = failure;
  if (incidentId !== undefined) {
    deps.logger.error(
      { event: 'ndc_internal_error', incidentId, route: pathOf(request), err: error },
      'NDC request failed',
    );
  } else if (status >= 500) {
    deps.logger.warn({ event: 'ndc_refused', status, route: pathOf(request), ...body.details }, body.message);
  }
  return failure;
}

/** What Fastify itself refuses about a request, before any of our code runs. */
function isClientFault(error: unknown): error is FastifyError & { readonly statusCode: number } {
  const { code, statusCode } = error as FastifyError;
  return typeof code === 'string' && code.startsWith('FST_ERR_') && statusCode !== undefined && statusCode < 500;
}

const CLIENT_FAULTS: Readonly<Record<string, (request: FastifyRequest) => string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (request) => `The body is larger than ${request.routeOptions.bodyLimit} bytes.`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (request) =>
    `The content type is ${JSON.stringify(request.headers['content-type'] ?? 'absent')}; expected application/json.`,
  FST_ERR_CTP_EMPTY_JSON_BODY: () => 'The body is empty; expected a JSON object.',
};

function messageOf(error: FastifyError, request: FastifyRequest): string {
  const text = Object.hasOwn(CLIENT_FAULTS, error.code) ? CLIENT_FAULTS[error.code] : undefined;
  return text ? text(request) : error.message;
}

function isHealth(request: FastifyRequest): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && pathOf(request) === '/health';
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] as string;
}
