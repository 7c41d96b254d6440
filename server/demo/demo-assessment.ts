import type { DemoEvent } from './demo-stream.ts';
import type { PlantedKind } from './planted.ts';
import { PLANTED, PLANTED_KINDS } from './planted.ts';

/** What a surface says was found in one request. */
export interface FoundInTrace {
  /** A kind of finding, as in `anomaly_records.kind`. */
  readonly kind: string;
  readonly reason: string;
}

export interface AssessmentRow {
  readonly planted: PlantedKind;
  readonly description: string;
  readonly found: boolean;
  /** The reason of the first finding of the kind that fits best; null when it was missed. */
  readonly reason: string | null;
  /** Clean requests raised with a kind that would have counted here; each stands in the first such row only. */
  readonly falseAlarms: number;
}

export interface DemoAssessment {
  readonly rows: readonly AssessmentRow[];
  readonly requests: number;
  readonly cleanRequests: number;
  /** Clean requests with at least one finding. */
  readonly falseAlarms: number;
  /** … of those that were made to look suspicious. */
  readonly falseAlarmsOnHardNegatives: number;
  readonly falseAlarmShare: number;
  /** The first false alarms, for whoever wants to look at them. */
  readonly samples: readonly { readonly traceId: string; readonly kind: string; readonly reason: string }[];
}

const SAMPLES = 20;

/**
 * Compares what was planted with what was found, by trace id. A planted anomaly is found when any of its requests
 * was raised with a kind that fits it.
 */
export function assessDemo(
  events: Iterable<Pick<DemoEvent, 'traceId' | 'planted' | 'hardNegative'>>,
  findings: ReadonlyMap<string, readonly FoundInTrace[]>,
): DemoAssessment {
  const best = new Map<PlantedKind, Fitting>();
  const alarmsByRow = new Map<PlantedKind, number>();
  const samples: { traceId: string; kind: string; reason: string }[] = [];
  const counted = new Set<string>();
  let cleanRequests = 0;
  let falseAlarms = 0;
  let falseAlarmsOnHardNegatives = 0;

  for (const { traceId, planted, hardNegative } of events) {
    if (counted.has(traceId)) continue;
    counted.add(traceId);
    const found = findings.get(traceId) ?? [];
    if (planted !== undefined) {
      for (const finding of found) noteFound(best, planted.kind, finding);
      continue;
    }
    cleanRequests++;
    const [first] = found;
    if (first === undefined) continue;
    falseAlarms++;
    if (hardNegative !== undefined) falseAlarmsOnHardNegatives++;
    const row = PLANTED_KINDS.find((kind) => rankOf(kind, first.kind) >= 0);
    if (row !== undefined) alarmsByRow.set(row, (alarmsByRow.get(row) ?? 0) + 1);
    if (samples.length < SAMPLES) samples.push({ traceId, ...first });
  }

  return {
    rows: PLANTED_KINDS.map((kind) => ({
      planted: kind,
      description: PLANTED[kind].description,
      found: best.has(kind),
      reason: best.get(kind)?.reason ?? null,
      falseAlarms: alarmsByRow.get(kind) ?? 0,
    })),
    requests: counted.size,
    cleanRequests,
    falseAlarms,
    falseAlarmsOnHardNegatives,
    falseAlarmShare: cleanRequests === 0 ? 0 : falseAlarms / cleanRequests,
    samples,
  };
}

interface Fitting {
  /** Position of the kind among those that fit: the first says best what was planted. */
  readonly rank: number;
  readonly reason: string;
}

function noteFound(best: Map<PlantedKind, Fitting>, planted: PlantedKind, { kind, reason }: FoundInTrace): void {
  const rank = rankOf(planted, kind);
  if (rank >= 0 && rank < (best.get(planted)?.rank ?? Infinity)) best.set(planted, { rank, reason });
}

/** Position of a kind of finding among those that fit a planted kind, −1 where it does not. */
function rankOf(planted: PlantedKind, found: string): number {
  return (PLANTED[planted].foundBy as readonly string[]).indexOf(found);
}
