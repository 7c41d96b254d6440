import type { FieldEvidence } from '../../../domain/finding.ts';
import type { Severity } from '../../../domain/severity.ts';

/** A difference between a column of one response and the column's history. */
export interface ColumnChange {
  readonly path: string;
  /** Bound of the probability of a difference this large where nothing changed, for this one check. */
  readonly p: number;
  /** The sentence shown to people. */
  readonly text: string;
  /** By the size of the change; without it, by how certain it is. */
  readonly severity?: Severity;
  readonly usual?: FieldEvidence['usual'];
  readonly frequency?: number;
}

/** Fewer records than this are not compared: a handful of records has no distribution. */
export const MIN_COMPARED = 20;
