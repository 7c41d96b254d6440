import type { Finding } from './finding.ts';
import type { Observation } from './observation.ts';

/** Which baseline decided: the first of the ladder with enough records, or none while all of them still learn. */
export interface BaselineUsed {
  readonly rung: 'shape' | 'dataset' | 'none';
  /** Records learnt so far by the baseline that decided, or by the richest one while learning. */
  readonly records: number;
  readonly modelVersion: number | null;
}

/** Sketch of one column of one analysed dataset; published as a row of `field_statistics`. */
export interface FieldStatistics {
  readonly field: string;
  readonly type: 'numeric' | 'boolean' | 'timestamp' | 'categorical' | 'identifier' | 'text' | 'nested' | 'empty';
  readonly count: number;
  readonly nullCount: number;
  readonly missingCount: number;
  readonly uniqueCount: number;
  readonly averageLength: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly median: number | null;
  readonly standardDeviation: number | null;
  /** Most frequent values with their counts, redacted, at most 20; empty for identifiers and free text. */
  readonly topValues: readonly { readonly value: string; readonly count: number }[];
}

/** What detection says about one dataset of an observation. */
export interface DatasetAnalysis {
  readonly dataset: string;
  readonly recordCount: number;
  readonly baseline: BaselineUsed;
  /** Number of features the model used; 0 while learning. */
  readonly featuresUsed: number;
  /** Per record, 0–1, higher = stranger; null while learning. */
  readonly scores: Float64Array | null;
  /** Per record, calibrated, 0–1; null while learning. */
  readonly pValues: Float64Array | null;
  /** Indices of the records that are anomalous at the configured rate, ascending. */
  readonly flagged: readonly number[];
  /** Most records are flagged: one finding about the dataset, the first, stands for them. */
  readonly collective: boolean;
  readonly findings: readonly Finding[];
  readonly statistics: readonly FieldStatistics[];
}

/** Everything detection says about one observation. */
export interface Analysis {
  readonly observation: Observation;
  /** The verdict at the configured rate. */
  readonly anomalous: boolean;
  readonly datasets: readonly DatasetAnalysis[];
  /** Findings about the query and its caller; those about data are in `datasets`. */
  readonly queryFindings: readonly Finding[];
  /** One sentence each, what to look at or do. */
  readonly recommendations: readonly string[];
}

export function allFindings(analysis: Analysis): Finding[] {
  return [...analysis.datasets.flatMap((dataset) => dataset.findings), ...analysis.queryFindings];
}
