import type { DatabaseLocation } from './database-url.ts';

/** What the service asks of the training worker, and what comes back. Everything is plain data: it crosses a thread. */
export interface TrainingJob {
  readonly baselineId: string;
  readonly baselineKey: string;
  /** Which rung's column of `history_blocks` the baseline is. */
  readonly rung: 'shape' | 'dataset';
  readonly version: number;
  readonly trainedAt: number;
  readonly minimumRecords: number;
  readonly maximumRecords: number;
}

export interface TrainingResult {
  /** Serialised; handed over, not copied. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** The model, gzipped: what is stored. */
  readonly stored: Uint8Array;
  readonly featuresCount: number;
  readonly recordsCount: number;
  readonly cut: number;
}

export interface TrainingWorkerData {
  readonly location: DatabaseLocation;
}

export type TrainingReply =
  | { readonly id: number; readonly result: TrainingResult | null }
  | { readonly id: number; readonly fault: string };
