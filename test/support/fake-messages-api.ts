import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from '../../core/analyst/answer.ts';

/**
 * A local server with the wire format of the Messages API: what the real SDK sends it is recorded byte by byte, and what
 * it answers is told beforehand, one behaviour per request, the last one for all that follow.
 */
export interface FakeMessagesApi {
  readonly url: string;
  /** Requests to `/v1/messages`, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Everything that arrived on any connection, head and body. */
  bytes(): string;
  behave(...behaviours: Behaviour[]): void;
  /** How `/v1/models/{id}` answers. */
  models(behaviour: Behaviour): void;
  /** Requests that are being answered right now, and the most there ever were. */
  readonly concurrency: { now: number; most: number };
  close(): Promise<void>;
}

export interface RecordedRequest {
  readonly headers: IncomingMessage['headers'];
  readonly body: MessagesRequest;
}

export interface MessagesRequest {
  readonly model: string;
  readonly max_tokens: number;
  readonly system: readonly { readonly type: string; readonly text: string; readonly cache_control?: unknown }[];
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly output_config: {
    readonly effort?: string;
    readonly format: { readonly type: string; readonly schema: object };
  };
  readonly [other: string]: unknown;
}

export type Behaviour =
  | { readonly kind: 'answer'; readonly answer: unknown; readonly usage?: Partial<Usage>; readonly stopReason?: string }
  | { readonly kind: 'text'; readonly text: string; readonly stopReason?: string; readonly usage?: Partial<Usage> }
  | { readonly kind: 'refusal'; readonly text: string }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly type: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'slow'; readonly ms: number; readonly answer: unknown }
  | { readonly kind: 'reset' }
  | { readonly kind: 'reset_mid_stream' }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'raw'; readonly status: number; readonly contentType: string; readonly body: string };

interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
}

export const QUIET_ANSWER: Answer = {
  anomalies_detected: false,
  records: [],
  query_pattern_analysis: { typical: true, concerns: [], recommendations: [] },
  business_rules: [],
  summary: 'An ordinary query.',
  draft_kill_switch_rule: null,
  draft_alert_rule: null,
};

export async function startFakeMessagesApi(): Promise<FakeMessagesApi> {
  const requests: RecordedRequest[] = [];
  const chunks: Buffer[] = [];
  const concurrency = { now: 0, most: 0 };
  let behaviours: Behaviour[] = [{ kind: 'answer', answer: QUIET_ANSWER }];
  let modelBehaviour: Behaviour = { kind: 'raw', status: 200, contentType: 'application/json', body: modelInfo('any') };

  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      if (request.url?.startsWith('/v1/models/')) return perform(modelBehaviour, 'any', response);
      const parsed = JSON.parse(Buffer.concat(body).toString('utf8')) as MessagesRequest;
      requests.push({ headers: request.headers, body: parsed });
      const behaviour = (behaviours.length > 1 ? behaviours.shift() : behaviours[0]) as Behaviour;
      concurrency.now++;
      concurrency.most = Math.max(concurrency.most, concurrency.now);
      response.on('close', () => concurrency.now--);
      perform(behaviour, parsed.model, response);
    });
  });
  server.on('connection', (socket) => socket.on('data', (chunk: Buffer) => chunks.push(chunk)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    bytes: () => Buffer.concat(chunks).toString('utf8'),
    behave: (...next) => {
      behaviours = next;
    },
    models: (behaviour) => {
      modelBehaviour = behaviour;
    },
    concurrency,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function perform(behaviour: Behaviour, model: string, response: ServerResponse): void {
  switch (behaviour.kind) {
    case 'answer':
      return sendMessage(response, model, JSON.stringify(behaviour.answer), behaviour);
    case 'text':
      return sendMessage(response, model, behaviour.text, behaviour);
    case 'refusal':
      return sendMessage(response, model, behaviour.text, { stopReason: 'refusal' });
    case 'error':
      return sendJson(
        response,
        behaviour.status,
        {
          type: 'error',
          error: { type: behaviour.type, message: `${behaviour.type} of the fake` },
          request_id: 'req_fake',
        },
        behaviour.headers,
      );
    case 'slow':
      setTimeout(() => sendMessage(response, model, JSON.stringify(behaviour.answer), {}), behaviour.ms);
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'reset_mid_stream':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      response.write('{"id":"msg_cut","type":"message","content":[{"type":"text","te');
      setTimeout(() => response.socket?.resetAndDestroy(), 20);
      return;
    case 'redirect':
      response.writeHead(307, { location: behaviour.to }).end();
      return;
    case 'raw':
      response.writeHead(behaviour.status, { 'content-type': behaviour.contentType }).end(behaviour.body);
  }
}

function sendMessage(
  response: ServerResponse,
  model: string,
  text: string,
  { usage, stopReason }: { readonly usage?: Partial<Usage>; readonly stopReason?: string },
): void {
  sendJson(response, 200, {
    id: 'msg_fake',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text, citations: null }],
    stop_reason: stopReason ?? 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 400,
      output_tokens: 120,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 1_500,
      ...usage,
    },
  });
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_fake', ...headers });
  response.end(JSON.stringify(body));
}

function modelInfo(id: string): string {
  return JSON.stringify({ id, type: 'model', display_name: id, created_at: '2026-01-01T00:00:00Z' });
}
