import type { DriftEvidence } from '../detection/records/changes/drift-watch.ts';
import { explainRecord } from '../detection/records/explanation/explain.ts';
import type { FeatureBatch } from '../detection/records/features/record-features.ts';
import type { RecordModel } from '../detection/records/model/record-model.ts';
import { formatShare } from '../detection/records/features/number-text.ts';
import type { TextDictionary } from '../detection/records/features/text-dictionary.ts';
import type { FieldEvidence, Finding } from '../domain/finding.ts';
import type { Dataset } from '../domain/observation.ts';
import type { Severity } from '../domain/severity.ts';

export interface DriftOf {
  readonly model: RecordModel;
  readonly dataset: Dataset;
  readonly batch: FeatureBatch;
  /** Of the records of the batch. */
  readonly pValues: Float64Array;
  readonly dictionary: TextDictionary;
  /** Rate of ordinary records that are flagged, 0–1. */
  readonly alpha: number;
}

/** Records of the response that began it which say what drifts. */
const EXPLAINED = 10;
const MAX_FIELDS = 5;
/** A field that explains less is not what drifts. */
const LEAST_CONTRIBUTION = 0.1;

/** Drift of one baseline, told once for each version of its model, by whichever instance notices it first. */
export function driftFinding(evidence: DriftEvidence, of: DriftOf): Finding {
  const { records, flagged, p } = evidence;
  const severity = severityOf(flagged / records, of.alpha);
  const fields = leadingFields(of);
  const { model, dataset, alpha } = of;
  return {
    kind: 'drift',
    subject: { kind: 'dataset', dataset: dataset.name },
    severity,
    p,
    score: null,
    reason:
      (severity === 'low' ? leaning(evidence) : tooMany(evidence, alpha)) +
      ` (Kolmogorov–Smirnov p ${p < 0.001 ? '< 0.001' : `= ${p.toPrecision(1)}`})` +
      (fields.length > 0 ? `; above all ${fields.map((field) => field.path).join(', ')}` : ''),
    fields,
    firstSeen: { kind: 'drift', scope: model.baselineKey, value: String(model.version) },
  };
}

function tooMany({ flagged, records }: DriftEvidence, alpha: number): string {
  return `${flagged} of the latest ${records} records are unusual, where ${Math.ceil(alpha * records)} would be expected`;
}

/** The count of unusual ones would contradict a drift of records that only lean one way. */
function leaning({ records, excess: { share, level } }: DriftEvidence): string {
  return (
    `the latest ${records} records as a whole lie further out than those learnt: ${formatShare(share)} of them are as ` +
    `unusual as the most unusual ${formatShare(level)}`
  );
}

/** Of records that only lean one way none is unusual by itself. */
function severityOf(share: number, alpha: number): Severity {
  if (share > 0.5) return 'high';
  return share > 10 * alpha ? 'medium' : 'low';
}

/** The fields that most explain the strangest records of the response, with the evidence of the strangest. */
function leadingFields({ model, dataset, batch, pValues, dictionary }: DriftOf): FieldEvidence[] {
  const strangest = Array.from(pValues.keys())
    .sort((a, b) => (pValues[a] as number) - (pValues[b] as number) || a - b)
    .slice(0, EXPLAINED);
  const byPath = new Map<string, { evidence: FieldEvidence; contribution: number }>();
  for (const row of strangest) {
    for (const evidence of explainRecord(model, batch, row, dataset, dictionary).fields) {
      const sum = byPath.get(evidence.path) ?? { evidence, contribution: 0 };
      sum.contribution += evidence.contribution / strangest.length;
      byPath.set(evidence.path, sum);
    }
  }
  return [...byPath.values()]
    .filter(({ contribution }) => contribution >= LEAST_CONTRIBUTION)
    .sort((a, b) => b.contribution - a.contribution)
    .slice(0, MAX_FIELDS)
    .map(({ evidence, contribution }) => ({ ...evidence, contribution }));
}
