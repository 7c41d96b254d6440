import { hash } from 'node:crypto';
import type { Principal } from '../core/domain/principal.ts';
import type { GraphqlCall } from './graphql-call.ts';

/** What a client asks for. */
export type AskedRequest = Pick<GraphqlCall, 'query' | 'operationName' | 'variables'>;

/** Tells a request by who asks and for what: for hooks of one request that the engine calls under different traces. */
export function requestDigest({ query, operationName, variables }: AskedRequest, principal: Principal): string {
  return hash('sha256', serialise([principal.role, principal.userId, query, operationName, variables]));
}

/** Variables nested by the thousand exhaust the stack of the serialiser; the rest of the request then has to do. */
function serialise(parts: readonly unknown[]): string {
  try {
    return JSON.stringify(parts);
  } catch (error) {
    if (error instanceof RangeError) return JSON.stringify(parts.slice(0, -1));
    throw error;
  }
}
