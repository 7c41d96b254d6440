import type { FastifyInstance } from 'fastify';
import { isRecord, property } from '../../core/document/foreign-object.ts';
import { badRequest } from '../../core/domain/errors.ts';
import { parseJson } from '../hook-body.ts';
import type { PluginServices } from '../plugin-services.ts';
import type { SharedSecret } from '../secret.ts';
import { createIdentify, requireRole } from './credentials.ts';
import { textOf } from './rest-call.ts';
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
    // As text: an empty body is a question that nothing matches, as it was for the original.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, parsed) =>
      parsed(null, text),
    );
    for (const url of VALIDATE_ROUTES) {
      scope.route({
        method: 'POST',
        url,
        bodyLimit: BODY_LIMIT_BYTES,
        handler: async (request) => {
          await requireRole(identify, request, 'viewer');
          const { identifier, data } = questionOf(textOf(request));
          if (typeof identifier !== 'string') return { matches: false };
          return { matches: await services.matches(identifier, isRecord(data) ? data : {}) };
        },
      });
      refuseOtherMethods(scope, services, url, ['POST']);
    }
    done();
  });
}

/** @throws DomainError `bad-request` */
function questionOf(text: string): { readonly identifier: unknown; readonly data: unknown } {
  const body = text.trim() === '' ? {} : parseJson(text);
  if (!isRecord(body)) throw badRequest('BODY', 'The body must be a JSON object: {"identifier": "…", "data": {…}}.');
  return { identifier: property(body, 'identifier'), data: property(body, 'data') };
}
