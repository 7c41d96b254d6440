import { formatInstant } from '../../core/domain/time.ts';
import type { DemoUser } from './cast.ts';
import type { GraphqlRequest, NdcRequest } from './demo-request.ts';
import type { Random } from './random.ts';

/** Bodies and headers as the engine sends them (lifecycle plugin hooks of DDN v3). */

/** How session variables are written: the newest engine tags them, older ones send bare values. */
export type SessionEncoding = 'tagged' | 'bare';

export function preParseBody(request: GraphqlRequest, user: DemoUser, encoding: SessionEncoding): unknown {
  return { session: sessionOf(user, encoding), rawRequest: rawRequestOf(request) };
}

export function preResponseBody(request: GraphqlRequest, user: DemoUser, encoding: SessionEncoding): unknown {
  return {
    session: sessionOf(user, encoding),
    rawRequest: rawRequestOf(request),
    response: { data: request.data },
  };
}

/** Pre-NDC hooks get bare session values whatever the engine's version. */
export function preNdcResponseBody(request: NdcRequest, user: DemoUser): unknown {
  return {
    session: sessionOf(user, 'bare'),
    ndcRequest: request.request,
    ndcResponse: request.response,
    dataConnectorName: { subgraph: 'shop', name: request.connector },
    operationType: 'query',
    ndcVersion: 'v0.2.x',
  };
}

function rawRequestOf({ query, variables, operationName }: GraphqlRequest): unknown {
  return { query, variables, operationName };
}

function sessionOf(user: DemoUser, encoding: SessionEncoding): unknown {
  const value = (text: string): unknown => (encoding === 'tagged' ? { Parsed: text } : text);
  return {
    role: user.role,
    variables: { 'x-hasura-role': value(user.role), 'x-hasura-user-id': value(user.id) },
  };
}

/** W3C trace context of one hook call: the request's trace, a span of its own. */
export function hookHeaders(
  traceId: string,
  at: number,
  eventTimeHeader: string,
  random: Random,
): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: '*/*',
    traceparent: `00-${traceId}-${random.hex(16)}-01`,
    [eventTimeHeader]: formatInstant(at),
  };
}
