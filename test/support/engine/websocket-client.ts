import { on } from 'node:events';
import { createClient, type FormattedExecutionResult, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import type { AskOptions } from './guarded-supergraph.ts';

type Caller = Pick<AskOptions, 'as' | 'headers'>;
type Operation = Pick<AskOptions, 'variables' | 'operationName'>;

type Result = FormattedExecutionResult<Record<string, unknown>, unknown>;

/** The client of graphql-ws, over one connection that is never opened again. */
export interface SocketClient {
  /** Every `next` until `complete`. Rejects with the errors of an `error` message, or with what closed the connection. */
  run(query: string, operation?: Operation): Promise<Result[]>;
  /** Results as they come; to return from it is to unsubscribe. */
  iterate(query: string): AsyncIterableIterator<Result>;
  /** One for each time the connection was opened or closed, oldest first. */
  readonly states: readonly string[];
  close(): void;
}

export function connectClient(engineUrl: string, caller: Caller = {}): SocketClient {
  const states: string[] = [];
  const client = createClient({
    url: socketUrl(engineUrl),
    connectionParams: { headers: headersOf(caller) },
    lazy: false,
    retryAttempts: 0,
    // Each operation rejects with the same.
    onNonLazyError: () => undefined,
    on: {
      connected: () => states.push('connected'),
      closed(event) {
        const { code, reason } = event as { code: number; reason: string };
        states.push(`closed ${code} ${reason}`);
      },
    },
  });
  const iterate = (query: string, { variables = {}, operationName }: Operation = {}) =>
    client.iterate({ query, variables, ...(operationName === undefined ? {} : { operationName }) });
  return {
    run: (query, operation) => Array.fromAsync(iterate(query, operation)),
    iterate,
    states,
    close: () => void client.dispose(),
  };
}

/** A frame as it was sent. */
export interface Frame {
  readonly isBinary: boolean;
  readonly json: unknown;
}

/** A connection without a library: what the protocol does not know is seen as well. */
export interface RawSocket {
  send(message: object): void;
  next(): Promise<Frame>;
  close(): void;
}

/** Opened and acknowledged. */
export async function openSocket(engineUrl: string, caller: Caller = {}): Promise<RawSocket> {
  const socket = new WebSocket(socketUrl(engineUrl), GRAPHQL_TRANSPORT_WS_PROTOCOL);
  socket.binaryType = 'arraybuffer';
  const messages = on(socket, 'message');
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const raw: RawSocket = {
    send: (message) => socket.send(JSON.stringify(message)),
    async next() {
      const { value } = (await messages.next()) as { value: [MessageEvent<string | ArrayBuffer>] };
      const [{ data }] = value;
      const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
      return { isBinary: typeof data !== 'string', json: JSON.parse(text) as unknown };
    },
    close: () => socket.close(),
  };
  raw.send({ type: 'connection_init', payload: { headers: headersOf(caller) } });
  const { json } = await raw.next();
  if ((json as { type?: unknown }).type !== 'connection_ack')
    throw new Error(`not acknowledged: ${JSON.stringify(json)}`);
  return raw;
}

function socketUrl(engineUrl: string): string {
  return `${engineUrl.replace('http:', 'ws:')}/graphql`;
}

function headersOf({ as = 'support:17', headers }: Caller): Record<string, string> {
  return { ...(as === null ? {} : { authorization: `Bearer ${as}` }), ...headers };
}
