import { LRUCache } from 'lru-cache';
import type { Principal } from '../core/domain/principal.ts';
import { MINUTE } from '../core/domain/time.ts';
import { type AskedRequest, requestDigest } from './request-digest.ts';

const REMEMBERED_REQUESTS = 10_000;
const REMEMBERED_MS = MINUTE;

interface Rewriting {
  readonly ruleKey: string;
  /** Of the request as the client sent it, and as the rule left it. */
  readonly digests: readonly [string, string];
}

/**
 * Requests that a rule stripped at pre-parse, until their response is observed: nothing in that call tells that fields are
 * missing from the answer. Over HTTP it shows the request as the client sent it, over a websocket the rewritten one, so
 * either is looked for; a client that sends the rewritten form itself in the meantime is taken for the one that waits.
 */
export class RewrittenRequests {
  private readonly known = new LRUCache<string, readonly Rewriting[]>({
    max: 2 * REMEMBERED_REQUESTS,
    ttl: REMEMBERED_MS,
  });

  remember(sent: AskedRequest, rewritten: AskedRequest, principal: Principal, ruleKey: string): void {
    const digests = [requestDigest(sent, principal), requestDigest(rewritten, principal)] as const;
    const rewriting: Rewriting = { ruleKey, digests };
    for (const digest of digests) this.known.set(digest, [...(this.known.get(digest) ?? []), rewriting]);
  }

  /** The rule that stripped such a request, once per request: later ones may be answered whole. */
  take(shown: AskedRequest, principal: Principal): string | undefined {
    if (this.known.size === 0) return undefined;
    const [first] = this.known.get(requestDigest(shown, principal)) ?? [];
    if (!first) return undefined;
    for (const digest of first.digests) {
      const others = (this.known.get(digest) ?? []).filter((rewriting) => rewriting !== first);
      if (others.length > 0) this.known.set(digest, others);
      else this.known.delete(digest);
    }
    return first.ruleKey;
  }
}
