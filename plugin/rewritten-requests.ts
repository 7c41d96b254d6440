import { LRUCache } from 'lru-cache';
import type { Principal } from '../core/domain/principal.ts';
import { MINUTE } from '../core/domain/time.ts';
import type { GraphqlCall } from './graphql-call.ts';
import { requestDigest } from './request-digest.ts';

const REMEMBERED_REQUESTS = 10_000;
const REMEMBERED_MS = MINUTE;

/**
 * Requests that a rule stripped at pre-parse, until their response is observed: over HTTP that call shows the request as
 * the client sent it, so nothing else tells that fields are missing from the answer. (Over a websocket it shows the
 * rewritten one, which is not found here.)
 */
export class RewrittenRequests {
  private readonly known = new LRUCache<string, readonly string[]>({ max: REMEMBERED_REQUESTS, ttl: REMEMBERED_MS });

  remember(call: GraphqlCall, principal: Principal, ruleKey: string): void {
    const digest = requestDigest(call, principal);
    this.known.set(digest, [...(this.known.get(digest) ?? []), ruleKey]);
  }

  /** The rule that stripped such a request, once per request: later ones may be answered whole. */
  take(call: GraphqlCall, principal: Principal): string | undefined {
    if (this.known.size === 0) return undefined;
    const digest = requestDigest(call, principal);
    const [ruleKey, ...others] = this.known.get(digest) ?? [];
    if (others.length > 0) this.known.set(digest, others);
    else this.known.delete(digest);
    return ruleKey;
  }
}
