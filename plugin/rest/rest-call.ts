import type { FastifyRequest } from 'fastify';
import { unavailable } from '../../core/domain/errors.ts';
import { parseJson } from '../hook-body.ts';
import type { Observed } from '../plugin-services.ts';
import { headerOf } from '../trace-context.ts';

/** @throws DomainError `unavailable` where the effects could not be written. */
export function requireStored(observed: Observed): Observed {
  if (observed.stored === 'deferred' || observed.stored === 'dropped') {
    throw unavailable('STORE_UNAVAILABLE', 'The store does not answer; the analysis is not durable yet.');
  }
  return observed;
}

/** The body as received; the REST scope parses none. */
export function textOf(request: FastifyRequest): string {
  return typeof request.body === 'string' ? request.body : '';
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;

/** The body as JSON; undefined where there is none, or it is declared as something else. */
export function jsonOf(request: FastifyRequest): unknown {
  return JSON_TYPE.test(headerOf(request.headers, 'content-type') ?? '') ? parseJson(textOf(request)) : undefined;
}
