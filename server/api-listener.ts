import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Actor } from '../core/domain/actor.ts';
import type { GraphqlHandler } from '../schema/graphql/graphql-handler.ts';
import { PLUGIN_FASTIFY_OPTIONS } from '../plugin/fastify-options.ts';
import type { Metrics } from './metrics.ts';
import type { Tokens } from './tokens.ts';

export interface ApiListenerDeps {
  readonly tokens: Tokens;
  readonly graphql: GraphqlHandler;
  readonly metrics: Metrics;
  isStopping(): boolean;
  /** What is missing for the process to be ready; empty: it is. */
  readiness(): Promise<readonly string[]>;
  /** Registers hooks and REST, each in a scope of its own. */
  register(app: FastifyInstance): void;
  /** Bodies of administrative requests, in bytes. */
  readonly adminBodyLimit: number;
}

/** The listener on PORT: hooks, REST, GraphQL, health, readiness, metrics. */
export function createApiListener(deps: ApiListenerDeps): FastifyInstance {
  const app = Fastify({
    ...PLUGIN_FASTIFY_OPTIONS,
    logger: false,
    requestTimeout: 60_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  // While stopping, a kept-alive connection is told to end with its next answer, so that none is cut under a request.
  app.addHook('onSend', async (_request, reply) => {
    if (deps.isStopping()) void reply.header('connection', 'close');
  });
  app.addHook('onResponse', (request, reply, done) => {
    deps.metrics.request(request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime / 1_000);
    done();
  });
  deps.register(app);
  registerGraphql(app, deps);
  registerOperations(app, deps);
  return app;
}

function registerGraphql(app: FastifyInstance, deps: ApiListenerDeps): void {
  void app.register((scope, _, done) => {
    // Yoga reads the stream itself, with limits of its own.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    scope.route({
      url: '/graphql',
      method: ['GET', 'POST', 'OPTIONS'],
      bodyLimit: deps.adminBodyLimit,
      handler: async (request, reply) => {
        const actor = await bearer(request, deps.tokens);
        if (!actor) return unauthenticated(reply);
        const response = await deps.graphql.yoga.handleNodeRequestAndResponse(request, reply, {
          actor: { ...actor, surface: 'graphql' },
        });
        response.headers.forEach((value, name) => void reply.header(name, value));
        return reply.code(response.status).send(response.body);
      },
    });
    done();
  });
}

function registerOperations(app: FastifyInstance, deps: ApiListenerDeps): void {
  app.get('/ready', async (_request, reply) => {
    const missing = await deps.readiness();
    return missing.length === 0 ? { status: 'ready' } : reply.code(503).send({ status: 'not ready', missing });
  });
  app.get('/metrics', async (request, reply) => {
    if (!(await bearer(request, deps.tokens))) return unauthenticated(reply);
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await deps.metrics.text());
  });
}

async function bearer(request: FastifyRequest, tokens: Tokens): Promise<Actor | null> {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' && token ? tokens.authenticate(token) : null;
}

function unauthenticated(reply: FastifyReply): FastifyReply {
  return reply
    .code(401)
    .header('www-authenticate', 'Bearer')
    .send({ error: 'A bearer token is needed: see "ndc-sentinel token create".' });
}
