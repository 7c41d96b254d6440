import type { FastifyReply, FastifyRequest } from 'fastify';

/** What is logged of a request: where it went and how it ended, never what it carried. */
export interface AccessLogEntry {
  readonly event: 'ndc_request';
  readonly method: string;
  /** Null where no route took the request. */
  readonly route: string | null;
  /** The collection or function asked for, or the procedures called; absent where the body doesn't say. */
  readonly target?: string;
  /** W3C trace id of the caller, which also stands in the engine's own traces. */
  readonly traceId?: string;
  readonly status: number;
  /** From the first byte of the request to the last of the answer. */
  readonly ms: number;
}

// W3C Trace Context, §3.2: version, trace id, parent id, flags.
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/** A caller chooses these names, so their length is bounded. */
const LONGEST_TARGET = 200;

export function accessLogEntry(request: FastifyRequest, reply: FastifyReply): AccessLogEntry {
  const target = targetOf(request.body);
  const traceId = TRACEPARENT.exec(String(request.headers['traceparent'] ?? ''))?.[1];
  return {
    event: 'ndc_request',
    method: request.method,
    route: request.routeOptions.url ?? null,
    ...(target === undefined ? {} : { target }),
    ...(traceId === undefined ? {} : { traceId }),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
  };
}

function targetOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { collection, operations } = body as { collection?: unknown; operations?: unknown };
  const names = Array.isArray(operations)
    ? operations.slice(0, 10).map((operation) => nameOf(operation))
    : [collection];
  const text = names.filter((name) => typeof name === 'string').join(', ');
  return text === '' ? undefined : text.slice(0, LONGEST_TARGET);
}

function nameOf(operation: unknown): unknown {
  return typeof operation === 'object' && operation !== null ? (operation as { name?: unknown }).name : undefined;
}
