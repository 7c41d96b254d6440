import { afterEach, describe, expect, it } from 'vitest';
import { type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { ORDERS_QUERY, ordinaryOrders, postJson, preResponseBody, until } from '../support/traffic.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const W3C = { traceparent: `00-${TRACE}-${PARENT}-01` };
const B3 = { 'x-b3-traceid': TRACE, 'x-b3-spanid': PARENT, 'x-b3-sampled': '1' };

let collector: OtlpCollector;
let service: ServiceProcess;
afterEach(async () => {
  if (service.child.exitCode === null) await service.end();
  service.remove();
  await collector.close();
});

async function start(protocol: 'grpc' | 'http/protobuf', environment: Readonly<Record<string, string>> = {}) {
  collector = await startOtlpCollector(protocol);
  service = await startService({
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_SERVICE_NAME: 'guard',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      ...environment,
    },
  });
}

const preParse = (headers: Readonly<Record<string, string>>, query: unknown = ORDERS_QUERY) =>
  postJson(`${service.apiUrl}/hooks/pre-parse`, { session: null, rawRequest: { query } }, headers);

describe('spans', () => {
  it.each(['http/protobuf', 'grpc'] as const)(
    'of hooks and connector continue the trace of the engine, by OTLP over %s',
    async (protocol) => {
      await start(protocol);
      const query = { collection: 'request_log', arguments: {}, collection_relationships: {}, query: { fields: {} } };
      expect((await preParse(W3C)).status).toBe(204);
      expect((await postJson(`${service.apiUrl}/hooks/pre-parse`, 'no JSON', B3)).status).toBe(400);
      expect(
        (await postJson(`${service.apiUrl}/hooks/pre-response`, preResponseBody(ordinaryOrders(0)), B3)).status,
      ).toBe(204);
      expect((await postJson(`${service.ndcUrl}/query`, query, W3C)).status).toBe(200);

      await until(async () => collector.spans.length >= 4);
      const common = { traceId: TRACE, parentSpanId: PARENT, service: 'guard', status: 0 };
      const visible = { 'internal.visibility': 'user' };
      const hook = (name: string, verdict: string, status: number) => ({
        ...common,
        name,
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        attributes: {
          ...visible,
          'sentinel.hook': name,
          'sentinel.verdict': verdict,
          'http.response.status_code': status,
        },
      });
      expect(collector.spans).toHaveLength(4);
      expect(collector.spans).toEqual(
        expect.arrayContaining([
          hook('pre-parse', 'continued', 204),
          hook('pre-parse', 'refused', 400),
          hook('pre-response', 'continued', 204),
          {
            ...common,
            name: 'POST /query',
            spanId: expect.any(String),
            attributes: { ...visible, 'http.response.status_code': 200 },
          },
        ]),
      );
    },
  );

  it('follow the decision of the caller, and start a trace where there is none', async () => {
    await start('http/protobuf');
    await preParse({ traceparent: `00-${TRACE}-${PARENT}-00` });
    await preParse({ b3: '0' });
    await preParse({});
    await service.end();
    expect(collector.spans).toHaveLength(1);
    expect(collector.spans[0]).toMatchObject({ name: 'pre-parse', parentSpanId: '' });
    expect(collector.spans[0]?.traceId).not.toBe(TRACE);
  });

  it('are not recorded with OTEL_SDK_DISABLED', async () => {
    await start('http/protobuf', { OTEL_SDK_DISABLED: 'true' });
    await preParse(W3C);
    await service.end();
    expect(collector.spans).toEqual([]);
  });

  it('that nobody takes delay neither a hook nor the end, and are told of once', async () => {
    await start('http/protobuf', {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    });
    const complaints = () => service.output().match(/spans are lost/g)?.length ?? 0;
    expect((await preParse(W3C)).status).toBe(204);
    await until(async () => complaints() > 0);
    expect((await preParse(W3C)).status).toBe(204);
    const startedAt = performance.now();
    expect(await service.end()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(complaints()).toBe(1);
  });
});
