import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** 2 is an error. */
  readonly status: number;
  readonly service: string;
}

/** A collector that keeps what it is sent, by OTLP over HTTP (protobuf) or gRPC. */
export interface OtlpCollector {
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  close(): Promise<void>;
}

export async function startOtlpCollector(protocol: 'grpc' | 'http/protobuf'): Promise<OtlpCollector> {
  const spans: ReceivedSpan[] = [];
  const server = protocol === 'grpc' ? grpcServer(spans) : httpServer(spans);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function httpServer(spans: ReceivedSpan[]) {
  return createServer((request, response) => {
    void bytesOf(request).then((body) => {
      if (request.url === '/v1/traces') spans.push(...spansOf(body));
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

function grpcServer(spans: ReceivedSpan[]) {
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    void bytesOf(stream).then((body) => {
      // One message: a byte of flags, four of length, then protobuf.
      if (headers[':path'] === EXPORT) spans.push(...spansOf(body.subarray(5)));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5));
    });
  });
  return server;
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Field numbers of `opentelemetry/proto/trace/v1/trace.proto` and what it imports. */
function spansOf(request: Buffer): ReceivedSpan[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(messages(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1);
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => ({
        traceId: messages(span, 1)[0]?.toString('hex') ?? '',
        spanId: messages(span, 2)[0]?.toString('hex') ?? '',
        parentSpanId: messages(span, 4)[0]?.toString('hex') ?? '',
        name: messages(span, 5)[0]?.toString() ?? '',
        attributes: attributesOf(span, 9),
        status: numbers(messages(span, 15)[0] ?? Buffer.alloc(0), 3)[0] ?? 0,
        service: String(resource['service.name']),
      }));
  });
}

function attributesOf(message: Buffer, field: number): Record<string, string | number | boolean> {
  return Object.fromEntries(
    messages(message, field).map((pair) => {
      const value = messages(pair, 2)[0] ?? Buffer.alloc(0);
      const [boolean] = numbers(value, 2);
      const read = boolean === undefined ? numbers(value, 3)[0] : boolean === 1;
      return [messages(pair, 1)[0]?.toString() ?? '', messages(value, 1)[0]?.toString() ?? read ?? ''];
    }),
  );
}

type Field = { readonly number: number; readonly value: number | Buffer };

function messages(message: Buffer, number: number): Buffer[] {
  return fieldsOf(message).flatMap((field) =>
    field.number === number && typeof field.value !== 'number' ? [field.value] : [],
  );
}

function numbers(message: Buffer, number: number): number[] {
  return fieldsOf(message).flatMap((field) =>
    field.number === number && typeof field.value === 'number' ? [field.value] : [],
  );
}

/** Wire format of protobuf: varints, fixed widths, and bytes with their length before them. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number): Buffer => message.subarray(at, (at += length));
  while (at < message.length) {
    const key = varint();
    const wireType = key & 7;
    const value = wireType === 0 ? varint() : bytes(wireType === 2 ? varint() : wireType === 1 ? 8 : 4);
    fields.push({ number: Math.floor(key / 8), value });
  }
  return fields;
}
