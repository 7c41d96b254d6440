import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import { MINUTE } from '../core/domain/time.ts';

/** The engine's HTTP client keeps idle connections for 90 s; ours must not be the side that closes first. */
const KEEP_ALIVE_TIMEOUT_MS = 2 * MINUTE;

/** Largest body of the REST surface; the hooks have a limit of their own. */
export const REST_BODY_LIMIT_BYTES = 50 * 1_024 * 1_024;

/**
 * Node's answer to a request it can't read (headers beyond its limits, broken syntax) would be 431 or 408, to which the engine
 * reacts by failing the client's request without a word.
 */
function refuseUnreadable(_error: Error, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const body = '{"message":"The request could not be read."}';
  const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`${head}\r\n\r\n${body}`);
}

/**
 * What the listener of hooks and REST needs. Rows are a user's data: a column called `__proto__` or `constructor` is odd
 * but harmless, and refusing it would fail a client's request.
 */
export const PLUGIN_FASTIFY_OPTIONS = {
  bodyLimit: REST_BODY_LIMIT_BYTES,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  // Node answers 431 to more, which no hook may; forwarded cookies and tokens can be long.
  http: { maxHeaderSize: 64 * 1_024 },
  routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
  clientErrorHandler: refuseUnreadable,
  onProtoPoisoning: 'remove',
  onConstructorPoisoning: 'remove',
} as const satisfies FastifyHttpOptions<Server>;

/** An `Expect` that Node does not know is 417 there; hooks answer as if it were not there. */
export function ignoreExpectations(server: Server, answer: FastifyInstance['routing']): void {
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => answer(request, response));
}
