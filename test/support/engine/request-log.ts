import { randomBytes } from 'node:crypto';
import { until } from '../traffic.ts';
import { equals, type GuardedSupergraph } from './guarded-supergraph.ts';

/** What end-to-end tests ask for, and what the service's request log has of it. */
export const CUSTOMERS = 'query Customers { customers(limit: 5) { id name country } }';

export interface Trace {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function newTrace(): Trace {
  const id = randomBytes(16).toString('hex');
  return { id, headers: { traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01` } };
}

export const LOGGED = ['hook', 'source', 'record_count', 'error_count', 'verdict', 'rule_key', 'role', 'user_id'];

/** What the request log has of one trace, once it has `count` rows. */
export async function logged(
  guarded: GuardedSupergraph,
  trace: Trace,
  count: number,
): Promise<Record<string, unknown>[]> {
  await guarded.engine.settled();
  const read = () => guarded.rows('request_log', LOGGED, equals('trace_id', trace.id));
  await until(async () => (await read()).length >= count);
  return (await read()).toSorted((a, b) => (String(a['hook']) < String(b['hook']) ? -1 : 1));
}

/** Waits until everything sent so far is in the log: a later request is. */
export async function settled(guarded: GuardedSupergraph): Promise<void> {
  const trace = newTrace();
  await guarded.sql('select id from artists limit 1', { headers: trace.headers });
  await logged(guarded, trace, 1);
}
