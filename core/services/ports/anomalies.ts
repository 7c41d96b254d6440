import type { Uuid } from '../../domain/ids.ts';
import type { Instant } from '../../domain/time.ts';
import type { QueryRef } from './queries.ts';

export interface AnomalyFeedback {
  readonly label?: { readonly value: 'confirmed' | 'expected'; readonly by: string; readonly at: Instant };
  readonly acknowledgement?: { readonly by: string; readonly at: Instant };
  readonly note?: string | null;
}

export interface AnomalyRepository {
  /** The published row (columns of `anomaly_records`, JSON forms), or undefined. */
  row(id: Uuid): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** The published rows of what was found in an observation, in the order it was found. */
  rowsOf(observationId: Uuid): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The published rows of `anomaly_fields` of a finding, by rank. */
  fieldRows(id: Uuid): Promise<readonly Readonly<Record<string, unknown>>[]>;
  giveFeedback(id: Uuid, feedback: AnomalyFeedback): Promise<void>;
  /**
   * Moves the records quarantined with the finding – those of its dataset in its observation – into history and counts
   * them as learnt; returns how many per baseline. Nothing for a finding about a query or a caller.
   */
  releaseQuarantine(id: Uuid): Promise<readonly MovedRecords[]>;
  /** Undoes that for the finding and its repeats: moves the records into quarantine again and counts them as not learnt. */
  withdrawReleased(id: Uuid): Promise<readonly MovedRecords[]>;
}

/** Records that went into the history of a baseline, or left it. */
export interface MovedRecords {
  readonly baselineId: Uuid;
  readonly baselineKey: string;
  readonly records: number;
}

/** A label given to a finding that has a pattern. */
export interface LabelledPattern {
  readonly pattern: string;
  readonly label: 'confirmed' | 'expected';
}

export interface LabelPort {
  /** The labels given last, newest first. */
  latest(limit: number): Promise<readonly LabelledPattern[]>;
}

export interface RecurrencePort {
  /** When findings of each of the patterns were first and last made since an instant; none for those that were not. */
  spansOf(
    patterns: readonly string[],
    since: Instant,
  ): Promise<ReadonlyMap<string, { readonly first: Instant; readonly last: Instant }>>;
}

export interface BaselineRepository {
  /** Deletes samples, counts and models of every baseline of a query; returns the number of records forgotten. */
  clearHistory(query: QueryRef): Promise<number>;
}
