import type { FastifyReply, FastifyRequest } from 'fastify';
import { isRecord, property } from '../../core/document/foreign-object.ts';
import { publishedOutcome } from '../../core/analyst/published-opinion.ts';
import { createDocumentReader } from '../../core/document/graphql-document.ts';
import type { Principal } from '../../core/domain/principal.ts';
import { SCHEMA_FIELDS } from '../../core/domain/query-shape.ts';
import { deliveryOf } from '../delivery.ts';
import { graphqlCallOf } from '../graphql-call.ts';
import { observationFromGraphql } from '../observation-from-graphql.ts';
import { type OwnTrafficOptions, asksOnlyForExcluded, createOwnTraffic } from '../own-traffic.ts';
import type { PluginServices } from '../plugin-services.ts';
import type { SharedSecret } from '../secret.ts';
import { principalOf } from '../session.ts';
import { headerOf } from '../trace-context.ts';
import { INTROSPECTION_FAULT, ROLE_HEADER, USER_HEADER, faultOf } from './anomalies-request.ts';
import { withOpinion } from './analyst-result.ts';
import { anomaliesResponse } from './anomalies-response.ts';
import { createIdentify } from './credentials.ts';
import { jsonOf, requireStored, textOf } from './rest-call.ts';

export interface AnomaliesOptions extends OwnTrafficOptions {
  /** Null only on a listener that is bound to loopback. */
  readonly secret: SharedSecret | null;
  readonly eventTimeHeader: string | null;
  /** Whether the request log may keep argument values. */
  readonly keepsArguments: boolean;
}

/**
 * `POST /anomalies`: analyses one GraphQL response and answers with what was found. With `?wait=analysis` it also asks
 * the analyst and waits for it, within a bound.
 */
export function createAnomaliesHandler(services: PluginServices, options: AnomaliesOptions) {
  const identify = createIdentify(services, options.secret);
  const own = createOwnTraffic(options);
  const readDocument = createDocumentReader();

  return async (request: FastifyRequest, reply: FastifyReply) => {
    // Engines call this route as a hook too, and fail the client's request on a 401.
    if (!(await identify(request))) return reply.code(400).send({ error: 'Missing or wrong credentials' });
    const body = jsonOf(request);
    const fault = faultOf(request.headers, body);
    if (fault) return reply.code(400).send(fault);

    const call = graphqlCallOf(body);
    const document = readDocument(call.query, call.operationName);
    if (isIntrospection(document.shape.rootFields)) return reply.code(400).send(INTROSPECTION_FAULT);

    const delivery = deliveryOf('rest', request.headers, textOf(request), services.clock, options.eventTimeHeader);
    const principal = callerOf(request, property(body, 'session'));
    const built = observationFromGraphql(call, document, principal, delivery, own, false, options.keepsArguments);
    const { observation } = built;
    const { queryHash, operationName, at } = observation;
    const identity = { queryHash, queryId: observation.shape.id, operationName, at };
    const skipped = [...built.skipped];
    if (own.isOwnDocument(document) || asksOnlyForExcluded(observation, own)) {
      return anomaliesResponse(null, identity, skipped);
    }
    const { analysis } = requireStored(await services.observe(observation, 'rest'));
    const answer = anomaliesResponse(analysis, identity, skipped);
    if (property(request.query, 'wait') !== 'analysis') return answer;
    return withOpinion(answer, publishedOutcome(await services.secondOpinion(analysis), observation.id));
  };
}

/** The session where the engine sent one; else the headers, which on this route come from whoever knows the secret. */
function callerOf(request: FastifyRequest, session: unknown): Principal {
  if (isRecord(session) && typeof session['role'] === 'string') return principalOf(session);
  return principalOf({
    role: headerOf(request.headers, ROLE_HEADER),
    variables: { 'x-hasura-user': headerOf(request.headers, USER_HEADER) },
  });
}

function isIntrospection(rootFields: readonly string[]): boolean {
  return rootFields.length > 0 && rootFields.every((name) => SCHEMA_FIELDS.has(name));
}
