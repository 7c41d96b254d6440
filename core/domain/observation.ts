import type { ArgumentFacts } from './argument-facts.ts';
import type { Uuid } from './ids.ts';
import type { Principal } from './principal.ts';
import type { QueryShape, Source } from './query-shape.ts';
import type { Instant } from './time.ts';

/**
 * One field of one record: JSON without objects, which are flattened to dotted paths before. `undefined` is a key the
 * record lacks, which is not the same as `null`.
 */
export type Cell = string | number | boolean | null | undefined | readonly unknown[];

/** All values of one path, one cell per record. */
export interface Column {
  /** Dotted path inside the record, aliases resolved: `address.city`. */
  readonly path: string;
  readonly cells: readonly Cell[];
}

/** One list of records in a response, by column. A column that was not selected is absent, not missing. */
export interface Dataset {
  /** Root-field path with aliases resolved (`customers`, `customers.orders`) or `connector.collection`. */
  readonly name: string;
  readonly recordCount: number;
  readonly columns: readonly Column[];
  /** Records and columns beyond the caps of extraction, left out of `columns`. */
  readonly droppedRecords: number;
  readonly droppedColumns: number;
}

/** An argument value as sent, variables substituted; `path` is `rootField.argument` with nested keys dotted. */
export interface ArgumentValue {
  readonly path: string;
  readonly value: string | number | boolean | null;
}

/** What one hook call or REST call showed: a request, who made it, and the data that answered it. */
export interface Observation {
  readonly id: Uuid;
  /** Event time: when the request happened. */
  readonly at: Instant;
  readonly receivedAt: Instant;
  readonly source: Source;
  /** Unique per delivery: the same call delivered twice carries the same key and is applied once. */
  readonly deliveryKey: string;
  readonly traceId: string | null;
  readonly requestId: string | null;
  readonly principal: Principal;
  readonly operationName: string | null;
  readonly shape: QueryShape;
  /** MD5 of the query text, the original plugin's id of a query. */
  readonly queryHash: string;
  readonly arguments: readonly ArgumentValue[];
  /** For the request log, where the configuration has it keep argument values; null: not kept. */
  readonly argumentFacts?: ArgumentFacts | null;
  readonly datasets: readonly Dataset[];
  /** Number of entries in the response's `errors`. */
  readonly errorCount: number;
  /** A kill-switch rule refused this request: it is recorded but never learnt from. */
  readonly killed: boolean;
}

export function recordCountOf(observation: Observation): number {
  let records = 0;
  for (const dataset of observation.datasets) records += dataset.recordCount + dataset.droppedRecords;
  return records;
}
