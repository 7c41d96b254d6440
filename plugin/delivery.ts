import { hash, randomUUID } from 'node:crypto';
import type { HookName } from '../core/domain/effects.ts';
import { type Clock, type Instant, isStorableInstant } from '../core/domain/time.ts';
import { type Headers, headerOf, traceContextOf } from './trace-context.ts';

/** What identifies and dates one call, whatever its body says. */
export interface Delivery {
  readonly hook: HookName;
  /** Event time: from the configured header, else the time of receipt. */
  readonly at: Instant;
  readonly receivedAt: Instant;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly requestId: string | null;
  /** The same call delivered twice has the same key; without a trace every call is another. */
  readonly deliveryKey: string;
}

const REQUEST_ID_HEADER = 'x-request-id';
const MAX_REQUEST_ID_CHARACTERS = 200;

export function deliveryOf(
  hook: HookName,
  headers: Headers,
  text: string,
  clock: Clock,
  eventTimeHeader: string | null,
): Delivery {
  const trace = traceContextOf(headers);
  const receivedAt = clock.now();
  return {
    hook,
    at: eventTimeOf(headers, eventTimeHeader) ?? receivedAt,
    receivedAt,
    traceId: trace?.traceId ?? null,
    spanId: trace?.spanId ?? null,
    requestId: headerOf(headers, REQUEST_ID_HEADER)?.slice(0, MAX_REQUEST_ID_CHARACTERS) ?? null,
    deliveryKey: trace ? hash('sha256', `${trace.traceId}\n${trace.spanId ?? ''}\n${hook}\n${text}`) : randomUUID(),
  };
}

/** Epoch milliseconds or RFC 3339 with a zone; anything else counts as absent. */
function eventTimeOf(headers: Headers, name: string | null): Instant | null {
  const value = name === null ? null : headerOf(headers, name.toLowerCase());
  if (value === null) return null;
  const at = EPOCH_MS.test(value) ? Number(value) : RFC3339.test(value) ? Date.parse(value) : Number.NaN;
  return isStorableInstant(at) ? at : null;
}

const EPOCH_MS = /^\d{1,15}$/;
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;
