import type { FastifyRequest } from 'fastify';
import { type Actor, type ActorRole, mayAct } from '../../core/domain/actor.ts';
import { forbidden, unauthenticated } from '../../core/domain/errors.ts';
import { SECRET_HEADER } from '../hooks.ts';
import type { PluginServices } from '../plugin-services.ts';
import { type SharedSecret, createSecretCheck } from '../secret.ts';
import { headerOf } from '../trace-context.ts';

/** Who calls, or null where the credential is missing or wrong. */
export type Identify = (request: FastifyRequest) => Promise<Actor | null>;

const ENGINE: Actor = { name: 'engine', role: 'operator', surface: 'rest' };
/** Without a secret the listener is bound to loopback: whoever reaches it is on this machine. */
const LOOPBACK: Actor = { name: 'loopback', role: 'admin', surface: 'rest' };
const BEARER = /^Bearer +(\S+)$/i;

/** The engine's shared secret in `hasura-m-auth`, or a bearer token; a wrong one is never overlooked for the other. */
export function createIdentify(services: Pick<PluginServices, 'authenticate'>, secret: SharedSecret | null): Identify {
  const isSecret = secret && createSecretCheck(secret);
  return async (request) => {
    const authorization = headerOf(request.headers, 'authorization');
    if (authorization !== null) {
      const token = BEARER.exec(authorization)?.[1];
      return token === undefined ? null : services.authenticate(token);
    }
    if (!isSecret) return LOOPBACK;
    return isSecret(headerOf(request.headers, SECRET_HEADER)) ? ENGINE : null;
  };
}

/** @throws DomainError `unauthenticated` or `forbidden` */
export async function requireRole(identify: Identify, request: FastifyRequest, role: ActorRole): Promise<Actor> {
  const actor = await identify(request);
  if (!actor) throw unauthenticated('CREDENTIALS', `Missing or wrong credentials: ${SECRET_HEADER} or a bearer token.`);
  if (!mayAct(actor, role)) {
    throw forbidden('ROLE', `This call asks for the role ${role}; the caller is ${actor.role}.`);
  }
  return actor;
}
