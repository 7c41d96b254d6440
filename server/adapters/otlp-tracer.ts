import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { CallHeaders, RequestTracer } from '../../core/services/request-tracer.ts';
import { isSampled, traceContextOf } from '../../plugin/trace-context.ts';

export type OtlpProtocol = 'grpc' | 'http/protobuf';

export interface OtlpTracerOptions {
  /** Base address of the collector; over HTTP `/v1/traces` is added. */
  readonly endpoint: string;
  readonly protocol: OtlpProtocol;
  readonly serviceName: string;
  /** Called when spans begin to be lost and when they arrive again. */
  onOutage(away: boolean, error?: unknown): void;
}

export interface RunningTracer {
  readonly tracer: RequestTracer;
  /** Sends what is left, for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Shown in Hasura's console: other spans stay hidden from its users. */
const VISIBLE = { 'internal.visibility': 'user' };

/** Loaded on demand: gRPC alone is some megabytes. */
const EXPORTERS: Readonly<Record<OtlpProtocol, (endpoint: string) => Promise<SpanExporter>>> = {
  async grpc(endpoint) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
    return new OTLPTraceExporter({ url: endpoint });
  },
  async 'http/protobuf'(endpoint) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
    return new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  },
};

/**
 * Spans in batches to a collector. Nothing is registered globally and nothing is instrumented: the only spans are those
 * that hooks and connector ask for. Sampling follows the caller's decision (OTEL_TRACES_SAMPLER changes that).
 */
export async function startOtlpTracer(options: OtlpTracerOptions): Promise<RunningTracer> {
  const exporter = announcing(await EXPORTERS[options.protocol](options.endpoint), options);
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': options.serviceName })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('ndc-sentinel');
  return {
    tracer: {
      start(name, headers) {
        if (!isSampled(headers) && !traceContextOf(headers)) return null;
        const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: VISIBLE }, callerOf(headers));
        if (!span.isRecording()) return null;
        return {
          end(attributes, error) {
            span.setAttributes(attributes);
            if (error !== undefined) {
              // The class only: messages of drivers quote statements, and so values.
              const kind = error instanceof Error ? error.constructor.name : typeof error;
              span.setStatus({ code: SpanStatusCode.ERROR, message: kind });
            }
            span.end();
          },
        };
      },
    },
    async stop(graceMs) {
      const timer = new Promise<void>((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([provider.shutdown().catch((error: unknown) => options.onOutage(true, error)), timer]);
    },
  };
}

/** A caller that names no span of its own starts a new trace, as OpenTelemetry has it. */
function callerOf(headers: CallHeaders): Context {
  const caller = traceContextOf(headers);
  if (!caller || caller.spanId === null) return ROOT_CONTEXT;
  const traceFlags = isSampled(headers) ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { ...caller, spanId: caller.spanId, traceFlags, isRemote: true });
}

/** `ExportResultCode.SUCCESS`, which @opentelemetry/core alone names. */
const SUCCESS = 0;

/** The exporter, with a word when it begins to fail and when it works again: one line for an outage, not one per batch. */
function announcing(exporter: SpanExporter, { onOutage }: Pick<OtlpTracerOptions, 'onOutage'>): SpanExporter {
  let away = false;
  return {
    export(spans, resultCallback) {
      exporter.export(spans, (result) => {
        const isLost = Number(result.code) !== SUCCESS;
        if (isLost !== away) onOutage(isLost, result.error);
        away = isLost;
        resultCallback(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
