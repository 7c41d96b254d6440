import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { unavailable } from '../../core/domain/errors.ts';
import { HOUR, SECOND } from '../../core/domain/time.ts';
import type { RulesApplied } from '../../core/services/kill-switch-service.ts';
import { headerOf } from '../trace-context.ts';

export interface RuleStreamOptions {
  readonly enforced: {
    readonly revision: number;
    subscribe(listener: (applied: RulesApplied) => void): () => void;
  };
  /** Event name and data of a revision; the name may be absent. */
  event(revision: number): { readonly name?: string; readonly data: unknown };
  /** Called with each heartbeat of a stream about one namespace. */
  onAlive?(namespace: string): void;
}

/** A client that hears nothing for two of these takes the stream for dead. */
const HEARTBEAT_MS = 15 * SECOND;
/** Then the client comes back and its credentials are looked at again. */
const LONGEST_MS = HOUR;
const MAX_STREAMS = 2_000;

export type OpenStream = (request: FastifyRequest, reply: FastifyReply, namespace: string | null) => void;

/**
 * Server-sent events: one whenever the rules in force changed, with the revision as id. They say that something changed,
 * never what: what is missed is caught up by asking for the changes since a revision.
 */
export function createRuleStreams(app: FastifyInstance, { enforced, event, onAlive }: RuleStreamOptions): OpenStream {
  const open = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of open) end();
  });

  return (request, reply, namespace) => {
    if (open.size >= MAX_STREAMS) throw unavailable('STREAMS', `${MAX_STREAMS} streams are open already.`);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      // A stream ends with its connection: kept alive it would hold up the end of the process.
      connection: 'close',
    });
    const send = (revision: number) => {
      const { name, data } = event(revision);
      raw.write(`id: ${revision}\n${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`);
    };
    const unsubscribe = enforced.subscribe(({ revision, namespaces }) => {
      if (namespace === null || namespaces.has(namespace)) send(revision);
    });
    const heartbeat = setInterval(() => {
      raw.write(': heartbeat\n\n');
      if (namespace !== null) onAlive?.(namespace);
    }, HEARTBEAT_MS);
    const longest = setTimeout(end, LONGEST_MS);
    function end(): void {
      unsubscribe();
      clearInterval(heartbeat);
      clearTimeout(longest);
      open.delete(end);
      raw.end();
    }
    open.add(end);
    raw.on('close', end);
    raw.on('error', end);
    // Gone while its credentials were looked at: its end was before anybody listened.
    if (request.raw.socket.destroyed) return end();

    raw.write(`retry: ${SECOND}\n\n`);
    if (headerOf(request.headers, 'last-event-id') !== String(enforced.revision)) send(enforced.revision);
  };
}
