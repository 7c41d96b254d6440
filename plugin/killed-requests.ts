import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import { listProperty, property } from '../core/document/foreign-object.ts';
import type { Principal } from '../core/domain/principal.ts';
import { MINUTE } from '../core/domain/time.ts';
import type { GraphqlCall } from './graphql-call.ts';
import { requestDigest } from './request-digest.ts';

/** The code of every refusal, published in the errors that clients see. */
export const KILL_SWITCH_CODE = 'KILL_SWITCH';

const REMEMBERED_REQUESTS = 10_000;
const REMEMBERED_MS = MINUTE;

/**
 * Requests that a rule answered at pre-parse. Their pre-response hooks run all the same, and what they show is our own
 * answer: it must not be learnt from. A refusal is known by the code in it, whichever instance sent it. A stored answer
 * is known by being that answer to that request, which is told by its trace, or by the request itself where the engine
 * starts another trace for asynchronous hooks. Neither alone would do: one trace may hold several requests, and the same
 * request is answered with data again as soon as the rule is lifted.
 */
export class KilledRequests {
  /** Trace id, or digest of the request → the answers given to it, as JSON text. */
  private readonly answers = new LRUCache<string, ReadonlySet<string>>({
    max: REMEMBERED_REQUESTS,
    ttl: REMEMBERED_MS,
  });

  /** @param answer JSON text of the response that was given in place of the engine's. */
  rememberAnswer(call: GraphqlCall, principal: Principal, traceId: string | null, answer: string): void {
    for (const key of [requestDigest(call, principal), ...(traceId === null ? [] : [traceId])]) {
      const known = this.answers.get(key);
      if (!known?.has(answer)) this.answers.set(key, new Set([...(known ?? []), answer]));
    }
  }

  isKilled(call: GraphqlCall, principal: Principal, traceId: string | null): boolean {
    if (hasKillSwitchError(call.response)) return true;
    if (this.answers.size === 0) return false;
    const isGiven = (key: string): boolean =>
      // By value: the engine may write the keys of an object in another order.
      [...(this.answers.get(key) ?? [])].some((answer) => isDeepStrictEqual(JSON.parse(answer), call.response));
    return (traceId !== null && isGiven(traceId)) || isGiven(requestDigest(call, principal));
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
