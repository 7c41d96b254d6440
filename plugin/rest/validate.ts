import type { FastifyInstance } from 'fastify';
import { isRecord, property } from '../../core/document/foreign-object.ts';
import { badRequest } from '../../core/domain/errors.ts';
import type { PluginServices } from '../plugin-services.ts';
import type { SharedSecret } from '../secret.ts';
import { createIdentify, requireRole } from './credentials.ts';
import { refuseOtherMethods, setRestErrorHandler } from './rest-errors.ts';

export interface ValidateOptions {
  readonly secret: SharedSecret | null;
}

/** Both paths: ours and the one of the original kill switch. */
export const VALIDATE_ROUTES = ['/validate', '/ks/validate'] as const;

/** A fact is small; a larger body is no fact. */
const BODY_LIMIT_BYTES = 1_024 * 1_024;

/**
 * The original kill switch's question: `{identifier, data}` → `{matches}`. An unknown identifier, absent data and absent
 * attributes match nothing; data that is no object holds no attributes.
 */
export function registerValidate(app: FastifyInstance, services: PluginServices, options: ValidateOptions): void {
  const identify = createIdentify(services, options.secret);
  void app.register((scope, _, done) => {
    setRestErrorHandler(scope, services);
    for (const url of VALIDATE_ROUTES) {
      scope.route({
        method: 'POST',
        url,
        bodyLimit: BODY_LIMIT_BYTES,
        handler: async (request) => {
          await requireRole(identify, request, 'viewer');
          const body = request.body ?? {};
          if (!isRecord(body))
            throw badRequest('BODY', 'The body must be a JSON object: {"identifier": "…", "data": {…}}.');
          const identifier = property(body, 'identifier');
          const data = property(body, 'data');
          if (typeof identifier !== 'string') return { matches: false };
          return { matches: await services.matches(identifier, isRecord(data) ? data : {}) };
        },
      });
      refuseOtherMethods(scope, services, url, ['POST']);
    }
    done();
  });
}
