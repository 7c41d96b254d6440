import { randomBytes } from 'node:crypto';

/** A span of the engine, as its propagators write it. */
export interface EngineSpan {
  readonly traceId: string;
  readonly spanId: string;
}

/** Header names in lower case, first value only. */
export type ClientHeaders = Readonly<Record<string, string>>;

/** The trace of a request: the client's if it sent a context, else a new one. */
export function requestSpan(headers: ClientHeaders): EngineSpan {
  return { traceId: clientTraceId(headers) ?? newTraceId(), spanId: newSpanId() };
}

/** A websocket's operations, each execution and each asynchronous call of them have one each, whatever the client sent. */
export function newTrace(): EngineSpan {
  return { traceId: newTraceId(), spanId: newSpanId() };
}

/**
 * The parent of asynchronous pre-response calls is taken from the client's headers: without any, each starts a trace
 * that nothing else of the request shares.
 */
export function backgroundSpan(headers: ClientHeaders): EngineSpan {
  return requestSpan(headers);
}

export function childSpan({ traceId }: EngineSpan): EngineSpan {
  return { traceId, spanId: newSpanId() };
}

/** W3C and Zipkin B3 in its several-header form, side by side. */
export function traceHeaders({ traceId, spanId }: EngineSpan): Record<string, string> {
  return {
    traceparent: `00-${traceId}-${spanId}-01`,
    tracestate: '',
    'x-b3-traceid': traceId,
    'x-b3-spanid': spanId,
    'x-b3-sampled': '1',
    traceresponse: `00-${traceId}-${spanId}-01`,
  };
}

function clientTraceId(headers: ClientHeaders): string | undefined {
  const w3c = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(headers['traceparent'] ?? '')?.[1];
  return w3c ?? /^[0-9a-f]{16}(?:[0-9a-f]{16})?$/.exec(headers['x-b3-traceid'] ?? '')?.[0].padStart(32, '0');
}

function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

function newSpanId(): string {
  return randomBytes(8).toString('hex');
}
