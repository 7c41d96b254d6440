import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRecord } from '../core/document/foreign-object.ts';
import type { HookName } from '../core/domain/effects.ts';
import { ignoreExpectations } from './fastify-options.ts';
import { type RawBody, parseJson, readBody } from './hook-body.ts';
import { type HookReply, continueRequest, refuse } from './hook-reply.ts';
import { type Hook, type HookOptions, type HookRuntime, createHookRuntime } from './hook-runtime.ts';
import type { HookEvent, PluginServices } from './plugin-services.ts';
import { createPreNdcRequestHook } from './pre-ndc-request.ts';
import { createPreNdcResponseHook } from './pre-ndc-response.ts';
import { createPreParseHook } from './pre-parse.ts';
import { createPreResponseHook } from './pre-response.ts';
import { createSecretCheck } from './secret.ts';
import { headerOf } from './trace-context.ts';

/** Route → what answers it. */
const HOOKS = {
  '/hooks/pre-parse': { name: 'pre-parse', create: createPreParseHook },
  '/hooks/pre-response': { name: 'pre-response', create: createPreResponseHook },
  '/hooks/pre-ndc-request': { name: 'pre-ndc-request', create: createPreNdcRequestHook },
  '/hooks/pre-ndc-response': { name: 'pre-ndc-response', create: createPreNdcResponseHook },
} as const satisfies Record<string, { name: HookName; create: (runtime: HookRuntime) => Hook }>;

export const HOOK_ROUTES = Object.keys(HOOKS);

/** The convention of Hasura's plugins: the engine adds it, never the client. */
export const SECRET_HEADER = 'hasura-m-auth';

/**
 * Registers the four hooks in a scope of their own. Whatever arrives there is answered with 204, 200, 299, 400 or 500:
 * to any other status the engine reacts by failing the client's request. Trouble inside answers 204.
 */
export function registerHooks(app: FastifyInstance, services: PluginServices, options: HookOptions): void {
  const runtime = createHookRuntime(services, options);
  const isSecret = options.secret ? createSecretCheck(options.secret) : () => true;
  app.addHook('onClose', () => runtime.pending.drain());
  ignoreExpectations(app.server, app.routing);

  void app.register((scope, _, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) =>
      readBody(payload, options.bodyLimitBytes),
    );
    scope.setErrorHandler((error, request, reply) => {
      const reference = randomUUID();
      services.log.error({ reference, route: request.routeOptions.url, err: error }, 'a hook call could not be read');
      send(reply, continueRequest());
    });

    for (const [url, { name, create }] of Object.entries(HOOKS)) {
      const answer = answerer(name, create(runtime), services);
      scope.route({
        url,
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        exposeHeadRoute: false,
        onRequest: (request, reply, next) => {
          if (isSecret(headerOf(request.headers, SECRET_HEADER))) return next();
          services.count('bad_secret', name);
          send(reply, refuse({ message: `Missing or wrong ${SECRET_HEADER}.` }));
        },
        handler: async (request, reply) => send(reply, await answer(request)),
      });
    }
    done();
  });
  void app.register(
    (scope, _, done) => {
      scope.setNotFoundHandler((request, reply) => {
        send(
          reply,
          refuse({ message: `There is no hook for ${request.method} here; POST to ${HOOK_ROUTES.join(', ')}.` }),
        );
      });
      done();
    },
    { prefix: '/hooks' },
  );
}

/** One call in its span; the span says what the engine was told. */
function answerer(name: HookName, hook: Hook, services: PluginServices) {
  return async (request: FastifyRequest): Promise<HookReply> => {
    const span = services.tracer.start(name, request.headers);
    const { reply, error } = await answerOf(name, hook, services, request);
    span?.end(
      {
        'sentinel.hook': name,
        'sentinel.verdict': EVENT_OF_STATUS[reply.status],
        'http.response.status_code': reply.status,
      },
      error,
    );
    return reply;
  };
}

interface Answer {
  readonly reply: HookReply;
  /** What made the hook fail, which the engine is not told. */
  readonly error?: unknown;
}

async function answerOf(
  name: HookName,
  hook: Hook,
  services: PluginServices,
  request: FastifyRequest,
): Promise<Answer> {
  const raw = request.body as RawBody | undefined | null;
  if (raw?.kind === 'too-large') {
    services.count('body_too_large', name);
    return { reply: continueRequest() };
  }
  const text = raw?.text ?? '';
  const body = parseJson(text);
  if (!isRecord(body)) {
    services.count('bad_body', name);
    return { reply: refuse({ message: `The body of ${name} must be a JSON object, sent by POST.` }) };
  }
  try {
    const parameters = request.query as Readonly<Record<string, unknown>>;
    const reply = await hook({ headers: request.headers, parameters, text, body });
    services.count(EVENT_OF_STATUS[reply.status], name);
    return { reply };
  } catch (error) {
    const reference = randomUUID();
    services.count('failed', name);
    services.log.error({ hook: name, reference, err: error }, 'a hook failed; the request continues');
    return { reply: continueRequest(), error };
  }
}

const EVENT_OF_STATUS = {
  204: 'continued',
  200: 'responded',
  299: 'rewritten',
  400: 'refused',
  500: 'failed',
} as const satisfies Record<HookReply['status'], HookEvent>;

function send(reply: FastifyReply, { status, json }: HookReply): FastifyReply {
  void reply.code(status);
  return json === null ? reply.send() : reply.type('application/json; charset=utf-8').send(json);
}
