import { NO_TRACER } from '../core/services/request-tracer.ts';
import type { RunningTracer } from './adapters/otlp-tracer.ts';
import type { Log } from './log.ts';
import type { SettingValues } from './settings.ts';

export type TelemetryValues = Pick<
  SettingValues,
  'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_PROTOCOL' | 'OTEL_SERVICE_NAME' | 'OTEL_SDK_DISABLED'
>;

/** Only a process that was told where its spans go records any; without that OpenTelemetry is not even loaded. */
export async function startTelemetry(values: TelemetryValues, log: Log): Promise<RunningTracer> {
  const endpoint = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined || values.OTEL_SDK_DISABLED) return { tracer: NO_TRACER, stop: async () => {} };
  const { startOtlpTracer } = await import('./adapters/otlp-tracer.ts');
  return startOtlpTracer({
    endpoint,
    protocol: values.OTEL_EXPORTER_OTLP_PROTOCOL,
    serviceName: values.OTEL_SERVICE_NAME,
    onOutage: (away, error) =>
      away
        ? log.warn({ err: error }, 'spans are lost: the OTLP endpoint does not take them')
        : log.info({}, 'the OTLP endpoint takes spans again'),
  });
}
