import { randomUUID } from 'node:crypto';
import { datasetOfRecord } from '../document/graphql-datasets.ts';
import { type Actor, mayAct } from '../domain/actor.ts';
import { forbidden, notFound } from '../domain/errors.ts';
import { uuidv7 } from '../domain/ids.ts';
import type { Observation } from '../domain/observation.ts';
import type { QueryId, Source } from '../domain/query-shape.ts';
import type { Clock } from '../domain/time.ts';
import type { BaselineRegistry } from './baseline-registry.ts';
import type { Observed, ObserveService } from './observe-service.ts';
import type { HistoryRecord, KnownBaseline, KnownQuery, QueryPort, QueryRef } from './ports/queries.ts';
import type { Store, Transaction } from './ports/store.ts';

export interface QueryServiceDeps {
  readonly store: Store;
  readonly observe: ObserveService;
  readonly registry: BaselineRegistry;
  readonly clock: Clock;
}

export interface QueryOverview {
  readonly query: KnownQuery;
  readonly baselines: readonly KnownBaseline[];
  readonly historicalRecords: number;
}

/** What people ask about single queries, on any surface. */
export interface QueryService {
  /**
   * Undefined for a query that was never seen.
   *
   * @param within a transaction or snapshot to read in
   */
  overview(query: QueryRef, within?: Pick<Transaction, 'queries'>): Promise<QueryOverview | undefined>;
  history(
    query: QueryRef,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<readonly HistoryRecord[]>;
  clearHistory(query: QueryRef, actor: Actor): Promise<number>;
  /**
   * Scores one record against the richest baseline of the query, and learns it.
   *
   * @param within a transaction that all of it belongs to; else it is durable when this resolves
   */
  analyzeRecord(
    query: QueryRef,
    record: Readonly<Record<string, unknown>>,
    actor: Actor,
    within?: Transaction,
  ): Promise<Observed>;
}

const QUERY_ID = /^(?:graphql|ndc):\d+:[0-9a-f]{32}$/;
const QUERY_HASH = /^[0-9a-f]{32}$/;

/** What a person may name a query by: our id, or the original's MD5 of its text. Undefined for anything else. */
export function queryRefOf(id: string): QueryRef | undefined {
  if (QUERY_ID.test(id)) return { queryId: id as QueryId };
  return QUERY_HASH.test(id) ? { queryHash: id } : undefined;
}

export function unknownQuery(id: string): Error {
  return notFound('UNKNOWN_QUERY', `No query with the id "${id.slice(0, 100)}" was seen; use query_id or query_hash.`, {
    path: 'query_id',
  });
}

export function createQueryService({ store, observe, registry, clock }: QueryServiceDeps): QueryService {
  async function known(query: QueryRef, queries: QueryPort): Promise<KnownQuery> {
    const found = await queries.find(query);
    if (found) return found;
    throw unknownQuery('queryId' in query ? query.queryId : query.queryHash);
  }

  return {
    async overview(query, within) {
      const { queries } = within ?? store;
      const found = await queries.find(query);
      if (!found) return undefined;
      const baselines = await queries.baselines(found.shape.id);
      const historicalRecords = baselines.reduce((sum, baseline) => sum + baseline.recordCount, 0);
      return { query: found, baselines, historicalRecords };
    },
    async history(query, page) {
      const found = await store.queries.find(query);
      return found ? store.queries.history(found.shape.id, page) : [];
    },
    async clearHistory(query, actor) {
      if (!mayAct(actor, 'operator'))
        throw forbidden('HISTORY_FORBIDDEN', 'Clearing history asks for the role operator.');
      const forgotten = await store.transaction((tx) => tx.baselines.clearHistory(query));
      registry.forget();
      return forgotten;
    },
    async analyzeRecord(query, record, actor, within) {
      if (!mayAct(actor, 'operator'))
        throw forbidden('ANALYZE_FORBIDDEN', 'Analysing a record teaches it: that asks for the role operator.');
      const { queries } = within ?? store;
      const found = await known(query, queries);
      const [richest] = await queries.baselines(found.shape.id);
      const now = clock.now();
      const observation: Observation = {
        id: uuidv7(now),
        at: now,
        receivedAt: now,
        source: found.shape.id.split(':')[0] as Source,
        deliveryKey: randomUUID().replaceAll('-', ''),
        traceId: null,
        requestId: null,
        principal: { role: richest?.scope ?? actor.role, userId: actor.name, sessionVariables: new Map() },
        operationName: found.operationName,
        shape: found.shape,
        queryHash: found.queryHash,
        arguments: [],
        datasets: datasetOfRecord(richest?.dataset ?? found.shape.rootFields[0] ?? 'record', record).datasets,
        errorCount: 0,
        killed: false,
      };
      return observe.observe(observation, 'rest', { queryPatterns: false, within });
    },
  };
}
