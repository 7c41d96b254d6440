import { allFindings, type Analysis } from '../domain/analysis.ts';
import type { AskReason } from '../domain/analyst-opinion.ts';
import type { FindingKind } from '../domain/finding.ts';
import type { QueryId } from '../domain/query-shape.ts';
import { atLeast, type Severity } from '../domain/severity.ts';
import type { Instant } from '../domain/time.ts';

export interface AskPolicy {
  /** Findings below this severity are no reason to ask. */
  readonly severity: Severity;
  /** Share of the other requests that is asked about, 0–1. */
  readonly sampleRate: number;
  /** Datasets about which nothing may leave, by name. */
  isOptedOut(dataset: string): boolean;
}

/** What is asked about, for deduplication: a shape and the kinds of what was found. */
export interface AskSubject {
  readonly queryId: QueryId;
  readonly kinds: readonly FindingKind[];
}

/**
 * Why to ask about an analysis, or null. Runs in the hook's path after the commit: a few comparisons, no allocation for
 * an ordinary request.
 */
export function reasonToAsk(analysis: Analysis, policy: AskPolicy): Exclude<AskReason, 'request'> | null {
  let isNew = false;
  for (const finding of analysis.queryFindings) {
    if (finding.kind === 'new_shape') isNew = true;
    else if (atLeast(finding.severity, policy.severity)) return 'suspicion';
  }
  for (const { findings } of analysis.datasets) {
    for (const finding of findings) if (atLeast(finding.severity, policy.severity)) return 'suspicion';
  }
  if (isNew) return 'new_shape';
  return isSampled(analysis.observation.id, policy.sampleRate) ? 'sample' : null;
}

/** A query that reads an opted-out dataset is never sent: its very text names the dataset's fields. */
export function isOptedOut({ observation }: Analysis, policy: AskPolicy): boolean {
  return (
    observation.datasets.some(({ name }) => policy.isOptedOut(name)) ||
    observation.shape.rootFields.some((name) => policy.isOptedOut(name)) ||
    // A dataset without records in the answer, or nested in another, is named by the selection only.
    observation.shape.fields.some((path) => prefixesOf(path).some((name) => policy.isOptedOut(name)))
  );
}

function prefixesOf(path: string): string[] {
  const segments = path.split('.');
  return segments.slice(0, -1).map((_, index) => segments.slice(0, index + 1).join('.'));
}

export function subjectOf(analysis: Analysis, severity: Severity): AskSubject {
  const kinds = allFindings(analysis)
    .filter((finding) => finding.kind === 'new_shape' || atLeast(finding.severity, severity))
    .map((finding) => finding.kind);
  return { queryId: analysis.observation.shape.id, kinds: [...new Set(kinds)].sort() };
}

/** By the random end of the observation's id, so that every instance decides alike. */
function isSampled(id: string, rate: number): boolean {
  return rate > 0 && Number.parseInt(id.slice(-8), 16) < rate * 2 ** 32;
}

/** What was asked lately: asking the same again within the period costs no call. */
export interface AskedBefore {
  /** True when every kind was asked about for this shape; with no kinds, when anything was. */
  covers(subject: AskSubject, now: Instant): boolean;
  mark(subject: AskSubject, at: Instant): void;
  /** The call came to nothing: the same may be asked again. */
  unmark(subject: AskSubject): void;
}

/** Shapes remembered; beyond it the one asked about longest ago is forgotten. */
const MAX_SHAPES = 5_000;

export function createAskedBefore(periodMs: number): AskedBefore {
  const shapes = new Map<QueryId, Map<FindingKind | 'any', Instant>>();
  return {
    covers({ queryId, kinds }, now) {
      const asked = shapes.get(queryId);
      if (!asked) return false;
      const isRecent = (kind: FindingKind | 'any') => (asked.get(kind) ?? -Infinity) > now - periodMs;
      return kinds.length === 0 ? isRecent('any') : kinds.every(isRecent);
    },
    mark({ queryId, kinds }, at) {
      const asked = shapes.get(queryId) ?? new Map<FindingKind | 'any', Instant>();
      shapes.delete(queryId);
      shapes.set(queryId, asked);
      for (const kind of [...kinds, 'any' as const]) asked.set(kind, Math.max(at, asked.get(kind) ?? -Infinity));
      const [oldest] = shapes.keys();
      if (shapes.size > MAX_SHAPES && oldest !== undefined) shapes.delete(oldest);
    },
    unmark({ queryId, kinds }) {
      const asked = shapes.get(queryId);
      for (const kind of kinds) asked?.delete(kind);
      asked?.delete('any');
      if (asked?.size === 0) shapes.delete(queryId);
    },
  };
}
