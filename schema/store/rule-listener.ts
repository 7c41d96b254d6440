import type { Client } from 'pg';
import { SECOND } from '../../core/domain/time.ts';
import { RULES_CHANNEL } from './rule-repository.ts';

export interface RuleListener {
  close(): Promise<void>;
}

export interface RuleListenerDeps {
  readonly connectionString: string;
  /** Rules may have changed: read the revision. Also called after each connect, since nothing is kept for the absent. */
  onHint(): void;
  onFault(error: unknown): void;
}

const FIRST_RETRY_MS = SECOND / 4;
const LAST_RETRY_MS = 10 * SECOND;

/**
 * Hears PostgreSQL's notifications on a session of its own: a pooled one could be handed to another query or, behind a
 * transaction-mode pooler, not be the one that listens. Notifications are hints; polling stays.
 */
export function listenForRules(deps: RuleListenerDeps): RuleListener {
  let closed = false;
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;

  async function connect(): Promise<void> {
    const { default: pg } = await import('pg');
    const next = new pg.Client({
      connectionString: deps.connectionString,
      application_name: 'ndc-sentinel rules',
      keepAlive: true,
      connectionTimeoutMillis: 5 * SECOND,
    });
    client = next;
    next.on('notification', () => deps.onHint());
    next.on('error', (error) => lost(next, error));
    next.on('end', () => lost(next, new Error('the session ended')));
    try {
      await next.connect();
      await next.query(`listen ${RULES_CHANNEL}`);
      retryMs = FIRST_RETRY_MS;
      if (closed) await next.end();
      else deps.onHint();
    } catch (error) {
      lost(next, error);
    }
  }

  /** Once per session, whichever event says so first. */
  function lost(session: Client, error: unknown): void {
    if (closed || client !== session) return;
    client = undefined;
    session.removeAllListeners();
    session.on('error', () => {}); // what a broken session says after it was given up
    session.end().catch(() => {});
    deps.onFault(error);
    timer = setTimeout(() => void connect(), retryMs);
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
  }

  void connect();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
