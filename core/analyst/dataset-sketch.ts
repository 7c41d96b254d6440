import type { DatasetAnalysis, FieldStatistics } from '../domain/analysis.ts';
import type { Observation } from '../domain/observation.ts';
import { sketchFinding } from './query-sketch.ts';
import { hiddenKind, openWords, roundedNumber, safeColumnPath, safePath } from './redaction.ts';
import { type DossierLimits, MAX_FIELDS, MAX_FINDINGS } from './sketch-limits.ts';

export interface DatasetSketch {
  readonly name: string;
  readonly records: number;
  readonly flagged: number;
  readonly learnt_from: { readonly baseline: string; readonly records: number };
  readonly findings: readonly unknown[];
  readonly fields: readonly FieldSketch[];
}

export interface FieldSketch {
  readonly name: string;
  readonly type: string;
  readonly values?: readonly { readonly value: string; readonly share: number }[];
  readonly [figure: string]: unknown;
}

/** A list of records, told by figures and common words only. */
export function sketchDataset(
  part: DatasetAnalysis,
  statistics: readonly FieldStatistics[],
  observation: Observation,
  known: ReadonlySet<string>,
  limits: DossierLimits,
): DatasetSketch {
  return {
    name: safePath(part.dataset),
    records: part.recordCount,
    flagged: part.flagged.length,
    learnt_from: { baseline: part.baseline.rung, records: part.baseline.records },
    findings: part.findings
      .filter(({ subject }) => subject.kind !== 'record')
      .slice(0, MAX_FINDINGS)
      .map((finding) => sketchFinding(finding, observation, known)),
    fields: statistics.slice(0, MAX_FIELDS).map((field) => sketchField(field, part.dataset, known, limits)),
  };
}

function sketchField(
  field: FieldStatistics,
  dataset: string,
  known: ReadonlySet<string>,
  { maxValues }: DossierLimits,
): FieldSketch {
  const share = (count: number): number => (field.count === 0 ? 0 : roundedNumber(count / field.count));
  const figures = field.type === 'numeric' && hiddenKind(field.field) === null ? numericFigures(field) : {};
  const words = openWords(field.field, field);
  const values = field.topValues
    .map(({ value, count }) => ({ value: value.startsWith('"') ? value.slice(1, -1) : value, share: share(count) }))
    .filter(({ value }) => words.has(value))
    .slice(0, maxValues);
  const hidden = hiddenKind(field.field);
  return {
    name: safeColumnPath(dataset, field.field, known),
    type: field.type,
    ...(hidden !== null && { personal: hidden }),
    nulls: share(field.nullCount),
    missing: share(field.missingCount),
    distinct: field.uniqueCount,
    ...(field.averageLength !== null && { average_length: roundedNumber(field.averageLength) }),
    ...figures,
    ...(values.length > 0 && { values }),
  };
}

function numericFigures({ min, median, mean, max, standardDeviation }: FieldStatistics): Record<string, number> {
  const figures = { min, median, mean, max, deviation: standardDeviation };
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) => (value === null ? [] : [[name, roundedNumber(value)]])),
  );
}
