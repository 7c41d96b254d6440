import type { RedactionMode } from './redaction.ts';

export interface DossierLimits {
  readonly redaction: RedactionMode;
  /** Flagged records of one question (MAX_RECORDS_PER_BATCH). */
  readonly maxRecords: number;
  /** Values per field, in statistics. */
  readonly maxValues: number;
}

export const MAX_FIELDS = 60;
export const MAX_FINDINGS = 20;
/** Fields named as evidence of one finding. */
export const MAX_EVIDENCE = 6;
