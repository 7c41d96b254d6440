import { type FindingKind, FINDING_KINDS } from '../domain/finding.ts';
import { safeColumnPath, safePath } from './redaction.ts';

/** What a person said about an earlier finding on a query of the same shape (`label_anomaly`). */
export interface LabelledFinding {
  readonly kind: string;
  readonly severity: string;
  readonly dataset: string | null;
  /** Paths of the fields that explained it, most telling first. */
  readonly fields: readonly string[];
  readonly label: 'confirmed' | 'expected';
}

export const MAX_EXAMPLES = 8;

/**
 * Feedback as it is given back to the model: at most eight examples, each kind and label once with its number, so that a
 * hundred labels of one false alarm are one line. A person's note is free text and stays here.
 */
export function examplesOf(labelled: readonly LabelledFinding[], known: ReadonlySet<string>): unknown[] {
  const groups = new Map<string, { readonly first: LabelledFinding; times: number }>();
  for (const finding of labelled) {
    if (!Object.hasOwn(FINDING_KINDS, finding.kind)) continue;
    const id = JSON.stringify([finding.kind, finding.label, finding.dataset, finding.fields[0]]);
    const group = groups.get(id);
    if (group) group.times++;
    else groups.set(id, { first: finding, times: 1 });
  }
  return [...groups.values()].slice(0, MAX_EXAMPLES).map(({ first, times }) => ({
    finding: first.kind as FindingKind,
    severity: first.severity,
    ...(first.dataset !== null && { dataset: safePath(first.dataset) }),
    fields: first.fields.slice(0, 4).map((path) => safeColumnPath(first.dataset ?? '', path, known)),
    judged: first.label,
    times,
  }));
}
