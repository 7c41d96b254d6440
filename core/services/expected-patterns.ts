import type { LabelPort } from './ports/anomalies.ts';

/** What people said is to be expected, or is not, as patterns of findings (core/detection/finding-pattern.ts). */
export interface ExpectedPatterns {
  has(pattern: string): boolean;
  /** Whether the latest label says that it is an anomaly: then it is never learnt, however often it comes. */
  isConfirmed(pattern: string): boolean;
  /** Reads the labels again: after one was given here, and now and then for those given elsewhere. */
  refresh(): Promise<void>;
}

/** Labels that count: the newest ones. A label goes with its finding, when the retention of anomalies ends. */
const MAX_LABELS = 5_000;

export function createExpectedPatterns(labels: LabelPort): ExpectedPatterns {
  let labelled: ReadonlyMap<string, string> = new Map();
  return {
    has: (pattern) => labelled.get(pattern) === 'expected',
    isConfirmed: (pattern) => labelled.get(pattern) === 'confirmed',
    async refresh() {
      const newest = new Map<string, string>();
      for (const { pattern, label } of await labels.latest(MAX_LABELS)) {
        // Newest first: what was confirmed after it was expected is an anomaly again.
        if (!newest.has(pattern)) newest.set(pattern, label);
      }
      labelled = newest;
    },
  };
}
