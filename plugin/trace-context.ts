/** Header values as Node gives them: lower-case names, a list where a header came more than once. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface TraceContext {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits: the span that made the call; null where the caller did not say. */
  readonly spanId: string | null;
}

const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/;
const B3_SINGLE = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-.*)?$/;
const B3_TRACE = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;
const B3_SPAN = /^[0-9a-f]{16}$/;
const TRACE_FLAGS = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-([0-9a-f]{2})/;
const B3_STATE = /^(?:[0-9a-f]{16,32}-[0-9a-f]{16}-)?([01d])(?:-|$)/;
const ZEROS = /^0+$/;

/** The caller's trace by W3C Trace Context, else by B3 (one header or several); null where neither is valid. */
export function traceContextOf(headers: Headers): TraceContext | null {
  const w3c = TRACE_PARENT.exec(headerOf(headers, 'traceparent') ?? '');
  if (w3c) return contextOf(w3c[1], w3c[2]);
  const single = B3_SINGLE.exec(headerOf(headers, 'b3') ?? '');
  if (single) return contextOf(single[1], single[2]);
  const traceId = headerOf(headers, 'x-b3-traceid') ?? '';
  const spanId = headerOf(headers, 'x-b3-spanid') ?? '';
  return B3_TRACE.test(traceId) ? contextOf(traceId, B3_SPAN.test(spanId) ? spanId : undefined) : null;
}

/** The caller's decision to record its trace; a caller that says nothing leaves it to us, and we record. */
export function isSampled(headers: Headers): boolean {
  const flags = TRACE_FLAGS.exec(headerOf(headers, 'traceparent') ?? '')?.[1];
  if (flags !== undefined) return (Number.parseInt(flags, 16) & 1) === 1;
  const state = B3_STATE.exec(headerOf(headers, 'b3') ?? '')?.[1] ?? headerOf(headers, 'x-b3-sampled');
  return state !== '0' && state !== 'false';
}

/** The first value of a header, trimmed; null where it is absent or empty. */
export function headerOf(headers: Headers, name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const first = typeof value === 'string' ? value : value?.[0];
  return first?.trim() || null;
}

/** B3 allows trace ids of 64 bits; padded on the left they are what OpenTelemetry makes of them. */
function contextOf(traceId: string | undefined, spanId: string | undefined): TraceContext | null {
  if (traceId === undefined || ZEROS.test(traceId)) return null;
  return { traceId: traceId.padStart(32, '0'), spanId: spanId === undefined || ZEROS.test(spanId) ? null : spanId };
}
