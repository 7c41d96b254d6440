import { LRUCache } from 'lru-cache';
import { MARKER_PERIOD_MS, OWN_TRAFFIC_HEADER, type OwnTrafficMarker } from '../core/domain/own-traffic-marker.ts';
import { type Headers, headerOf, traceContextOf } from './trace-context.ts';

/** Requests that carry our own marker: they are decided upon like any other, and not observed. */
export interface MarkedRequests {
  /** By the header itself, which the engine forwards to the GraphQL hooks. Remembers the trace of a marked request. */
  has(headers: Headers): boolean;
  /** By the header, else by the trace of a request that had it: engines forward no header to pre-NDC-response. */
  hasTraceOf(headers: Headers): boolean;
}

const REMEMBERED_TRACES = 10_000;

export function createMarkedRequests(marker: OwnTrafficMarker): MarkedRequests {
  /** Trace ids of marked requests, as long as their marker is worth something. */
  const traces = new LRUCache<string, true>({ max: REMEMBERED_TRACES, ttl: 2 * MARKER_PERIOD_MS });

  function has(headers: Headers): boolean {
    if (!marker.isGenuine(headerOf(headers, OWN_TRAFFIC_HEADER))) return false;
    const trace = traceContextOf(headers);
    if (trace) traces.set(trace.traceId, true);
    return true;
  }

  return {
    has,
    hasTraceOf(headers) {
      if (has(headers)) return true;
      return traces.size > 0 && traces.has(traceContextOf(headers)?.traceId ?? '');
    },
  };
}
