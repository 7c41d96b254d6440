import type { DriftWatch } from '../detection/records/changes/drift-watch.ts';
import type { DatasetAnalysis } from '../domain/analysis.ts';
import type { Finding } from '../domain/finding.ts';
import type { Instant } from '../domain/time.ts';
import type { ExpectedPatterns } from './expected-patterns.ts';

/** What of a dataset is set aside. */
export interface HeldBack {
  /** Rows that don't teach. */
  readonly rows: ReadonlySet<number>;
  /** Patterns of the findings about its flagged records. */
  readonly patterns: readonly string[];
}

export interface QuarantineDeps {
  readonly expected: Pick<ExpectedPatterns, 'isConfirmed'>;
  /** Of these patterns, those that recur (recurrence.ts). */
  recurring(patterns: readonly string[]): Promise<ReadonlySet<string>>;
  patternOf(finding: Finding): string;
}

/**
 * Flagged records don't teach, however many there are together: else whoever sends many would decide what is usual.
 * They teach when their like was found on three days, or when the data has changed for everybody (drift-watch.ts); never
 * once somebody confirmed that they are anomalies.
 */
export async function holdBack(
  analysis: DatasetAnalysis,
  drift: DriftWatch,
  at: Instant,
  { expected, recurring: recurringOf, patternOf }: QuarantineDeps,
): Promise<HeldBack> {
  if (analysis.flagged.length === 0) return NOTHING;
  const found = analysis.findings.filter(({ subject }) => subject.kind === 'record' || analysis.collective);
  const patterns = found.map(patternOf);
  const recurring = await recurringOf(patterns);
  const teaches = (pattern: string): boolean =>
    !expected.isConfirmed(pattern) && (recurring.has(pattern) || drift.isGeneral(at, pattern));
  return { rows: new Set(analysis.collective ? heldTogether() : heldOneByOne()), patterns };

  /** One finding, the first, is about all of them. */
  function heldTogether(): readonly number[] {
    return teaches(patterns[0] as string) ? [] : analysis.flagged;
  }

  function heldOneByOne(): readonly number[] {
    const byRow = new Map(
      found.flatMap(({ subject }, i) => (subject.kind === 'record' ? [[subject.index, patterns[i] as string]] : [])),
    );
    return analysis.flagged.filter((row) => {
      const pattern = byRow.get(row);
      // Beyond the number of findings that are explained nobody knows what it is.
      return pattern === undefined || !teaches(pattern);
    });
  }
}

const NOTHING: HeldBack = { rows: new Set(), patterns: [] };
