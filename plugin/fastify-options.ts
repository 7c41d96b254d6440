import type { Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import { MINUTE } from '../core/domain/time.ts';

/** The engine's HTTP client keeps idle connections for 90 s; ours must not be the side that closes first. */
const KEEP_ALIVE_TIMEOUT_MS = 2 * MINUTE;

/** Largest body of the REST surface; the hooks have a limit of their own. */
export const REST_BODY_LIMIT_BYTES = 50 * 1_024 * 1_024;

/**
 * What the listener of hooks and REST needs. Rows are a user's data: a column called `__proto__` or `constructor` is odd
 * but harmless, and refusing it would fail a client's request.
 */
export const PLUGIN_FASTIFY_OPTIONS = {
  bodyLimit: REST_BODY_LIMIT_BYTES,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  // Node answers 431 to more, which no hook may; forwarded cookies and tokens can be long.
  http: { maxHeaderSize: 64 * 1_024 },
  onProtoPoisoning: 'remove',
  onConstructorPoisoning: 'remove',
} as const satisfies FastifyHttpOptions<Server>;
