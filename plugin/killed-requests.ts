import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { listProperty, property } from '../core/document/foreign-object.ts';
import type { Principal } from '../core/domain/principal.ts';
import { MINUTE } from '../core/domain/time.ts';
import type { GraphqlCall } from './graphql-call.ts';

/** The code of every refusal, published in the errors that clients see. */
export const KILL_SWITCH_CODE = 'KILL_SWITCH';

const REMEMBERED_REQUESTS = 10_000;
const REMEMBERED_MS = MINUTE;

/**
 * Requests that a rule answered at pre-parse. Their pre-response hooks run all the same, and what they show is our own
 * answer: it must not be learnt from. Recognised by trace, by the request itself where the engine starts another trace
 * for asynchronous hooks, and by the code in the response where another instance refused it.
 */
export class KilledRequests {
  private readonly known = new LRUCache<string, true>({ max: REMEMBERED_REQUESTS, ttl: REMEMBERED_MS });

  remember(call: GraphqlCall, principal: Principal, traceId: string | null): void {
    this.known.set(digestOf(call, principal), true);
    if (traceId !== null) this.known.set(traceId, true);
  }

  isKilled(call: GraphqlCall, principal: Principal, traceId: string | null): boolean {
    if (hasKillSwitchError(call.response)) return true;
    if (this.known.size === 0) return false;
    return (traceId !== null && this.known.has(traceId)) || this.known.has(digestOf(call, principal));
  }
}

function digestOf(call: GraphqlCall, principal: Principal): string {
  const { query, operationName, variables } = call;
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

function hasKillSwitchError(response: unknown): boolean {
  if (property(response, 'data')) return false;
  return listProperty(response, 'errors').some((error) => {
    const extensions = property(error, 'extensions');
    const details = property(extensions, 'details');
    return property(extensions, 'code') === KILL_SWITCH_CODE || property(details, 'code') === KILL_SWITCH_CODE;
  });
}
