import type { QueryId, QueryShape } from '../../domain/query-shape.ts';
import type { Instant } from '../../domain/time.ts';

/** A query as a person names it: by our id, or by the original plugin's MD5 of its text. */
export type QueryRef = { readonly queryId: QueryId } | { readonly queryHash: string };

export interface KnownQuery {
  readonly queryHash: string;
  readonly operationName: string | null;
  readonly shape: QueryShape;
}

export interface KnownBaseline {
  readonly dataset: string;
  readonly scope: string;
  readonly recordCount: number;
  /** The active model, if there is one. */
  readonly model: {
    readonly version: number;
    readonly features: number;
    readonly records: number;
    readonly trainedAt: Instant;
  } | null;
}

export interface HistoryRecord {
  /** The row as received where history is raw, else its features by column. */
  readonly data: unknown;
  readonly at: Instant;
}

export interface QueryPort {
  find(query: QueryRef): Promise<KnownQuery | undefined>;
  /** Baselines of the shape, richest first. */
  baselines(queryId: QueryId): Promise<readonly KnownBaseline[]>;
  /** Records kept of the shape, newest first, quarantined ones left out. */
  history(
    queryId: QueryId,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<readonly HistoryRecord[]>;
}
