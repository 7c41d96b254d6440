import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type ErrorKind } from '../../core/domain/errors.ts';
import { formatInstant } from '../../core/domain/time.ts';
import type { PluginServices } from '../plugin-services.ts';

/** The one place where kinds of errors become statuses of the REST surface. */
export const STATUS_OF_KIND = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unprocessable: 422,
  unsupported: 422,
  unavailable: 503,
} as const satisfies Record<ErrorKind, number>;

/**
 * Errors of a REST scope as `{error, code, status: "error", timestamp}`. Anything that is not a DomainError is logged
 * under a reference and leaves the process as nothing but that reference.
 */
export function setRestErrorHandler(scope: FastifyInstance, services: Pick<PluginServices, 'clock' | 'log'>): void {
  scope.setErrorHandler((error: FastifyError | DomainError, request, reply) => {
    if (error instanceof DomainError) {
      const path = error.path === undefined ? {} : { path: error.path };
      return sendError(reply, STATUS_OF_KIND[error.kind], error.message, services, { code: error.code, ...path });
    }
    // Fastify's own refusals: a body over the limit, a malformed URL.
    const status = error.statusCode ?? 500;
    if (status < 500) return sendError(reply, status, error.message, services, { code: error.code });
    const reference = randomUUID();
    services.log.error({ reference, route: request.routeOptions.url, err: error }, 'a REST call failed');
    return sendError(reply, 500, 'Internal server error', services, { reference });
  });
}

export function sendError(
  reply: FastifyReply,
  status: number,
  error: string,
  services: Pick<PluginServices, 'clock'>,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  return reply.code(status).send({ error, ...more, status: 'error', timestamp: formatInstant(services.clock.now()) });
}

/** 404 as JSON, for the whole listener. */
export function setNotFoundHandler(app: FastifyInstance, services: Pick<PluginServices, 'clock'>): void {
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, 404, `There is nothing at ${request.method} ${pathOf(request)}`, services, { code: 'NOT_FOUND' }),
  );
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** Answers 405 with `allow` for every method a path does not have. */
export function refuseOtherMethods(
  scope: FastifyInstance,
  services: Pick<PluginServices, 'clock'>,
  url: string,
  allowed: readonly Method[],
): void {
  const allow = allowed.join(', ');
  scope.route({
    url,
    method: METHODS.filter((method) => !allowed.includes(method)),
    exposeHeadRoute: false,
    handler: (request, reply) =>
      sendError(reply.header('allow', allow), 405, `${pathOf(request)} takes ${allow}`, services, {
        code: 'METHOD_NOT_ALLOWED',
      }),
  });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}
