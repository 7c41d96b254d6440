import type { IncomingMessage, Server } from 'node:http';
import {
  CloseCode,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  type Message,
  MessageType,
  parseMessage,
  type SubscribeMessage,
} from 'graphql-ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type EngineCore, peerOf } from './engine-context.ts';
import { type Session, sessionOf } from './session.ts';
import { type ClientHeaders, newTrace } from './trace.ts';
import { type OperationReplies, runOperation } from './websocket-operation.ts';

/**
 * `GET /graphql` with the subprotocol graphql-transport-ws, for queries, mutations and subscriptions. Left out: pings of
 * the server, the time-out of `connection_init`, expiry of connections, headers of the handshake (newer engines keep them).
 */
export function serveWebsockets(server: Server, core: EngineCore): { close(): void } {
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    verifyClient: ({ req }, verified) =>
      verified(req.headers['sec-websocket-protocol'] === GRAPHQL_TRANSPORT_WS_PROTOCOL, 400),
  });
  sockets.on('connection', (socket, request: IncomingMessage) => serveConnection(core, socket, peerOf(request)));
  return {
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

/** Fixed by `connection_init` for the life of the connection. */
interface Caller {
  readonly session: Session;
  readonly headers: ClientHeaders;
}

function serveConnection(core: EngineCore, socket: WebSocket, peer: string): void {
  const operations = new Map<string, AbortController>();
  let caller: Caller | null = null;
  let handled = Promise.resolve();

  socket.on('message', (data) => {
    // One after another: a message waits until the pre-parse hooks of the one before have answered.
    handled = handled.then(() => orClose(handle(data)));
  });
  socket.on('close', () => {
    for (const operation of operations.values()) operation.abort();
  });

  async function handle(data: RawData): Promise<void> {
    const message = readMessage(data);
    switch (message?.type) {
      case MessageType.ConnectionInit:
        return initialise(message.payload);
      case MessageType.Subscribe:
        return subscribe(message);
      case MessageType.Complete:
        operations.get(message.id)?.abort();
        operations.delete(message.id);
        return;
      case MessageType.Ping:
        return send({ type: MessageType.Pong });
      case MessageType.Pong:
        return;
      default:
        socket.close(CloseCode.BadRequest, 'Invalid message format');
    }
  }

  function initialise(payload: Readonly<Record<string, unknown>> | undefined): void {
    if (caller) return socket.close(CloseCode.TooManyInitialisationRequests, 'Too many initialization requests');
    const given = (payload?.['headers'] ?? {}) as ClientHeaders;
    const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
    const session = sessionOf(headers, core.settings().roleEmulation);
    if (!session) return socket.close(CloseCode.Forbidden, 'Forbidden');
    caller = { session, headers };
    send({ type: MessageType.ConnectionAck });
  }

  async function subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    if (!caller) return socket.close(CloseCode.Unauthorized, 'Unauthorized');
    if (operations.has(id)) {
      return socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
    }
    const { query, variables, operationName } = payload;
    const operation = new AbortController();
    operations.set(id, operation);
    const running = await runOperation(
      core,
      {
        settings: core.settings(),
        client: core.client,
        ...caller,
        peer,
        // The client's trace context counts for nothing here.
        span: newTrace(),
        rawRequest: { query, variables: variables ?? null, operationName: operationName ?? null },
      },
      repliesTo(id),
      operation.signal,
    );
    if (running) void orClose(running.ended);
    else operations.delete(id);
  }

  function repliesTo(id: string): OperationReplies {
    return {
      next: (payload) => send({ id, type: MessageType.Next, payload }),
      fail(error) {
        send({ id, type: MessageType.Error, payload: [error] });
        operations.delete(id);
      },
      complete() {
        send({ id, type: MessageType.Complete });
        operations.delete(id);
      },
      raw: (text) => socket.send(Buffer.from(text)),
    };
  }

  function send(message: Message): void {
    socket.send(JSON.stringify(message));
  }

  async function orClose(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      socket.close(1011, String(error).slice(0, 100));
    }
  }
}

/** Undefined where the protocol has no such message. */
function readMessage(data: RawData): Message | undefined {
  try {
    return parseMessage((data as Buffer).toString('utf8'));
  } catch {
    return undefined;
  }
}
