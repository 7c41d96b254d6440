import type { DatasetAnalysis, FieldStatistics } from '../domain/analysis.ts';
import type { FieldEvidence, Finding } from '../domain/finding.ts';
import type { Uuid } from '../domain/ids.ts';
import type { Column, Dataset, Observation } from '../domain/observation.ts';
import { SEVERITIES } from '../domain/severity.ts';
import { hiddenKind, openWords, roundedNumber, safeCell, safeColumnPath, safePath } from './redaction.ts';
import { type DossierLimits, MAX_EVIDENCE } from './sketch-limits.ts';

export interface DossierRecord {
  readonly observationId: Uuid;
  readonly dataset: string;
  readonly index: number;
  /** What is sent about it, without its number. */
  readonly sketch: {
    readonly dataset: string;
    readonly finding: string;
    readonly severity: string;
    readonly p: number | null;
    readonly because: readonly unknown[];
    readonly values: Readonly<Record<string, unknown>>;
  };
}

/** A dataset of the observation with what is known of it. */
export interface DatasetPart {
  readonly part: DatasetAnalysis;
  readonly dataset: Dataset | undefined;
  readonly statistics: readonly FieldStatistics[];
}

/** Columns shown of a flagged record: those that explain it first. */
const MAX_CELLS = 24;

type RecordFinding = Finding & { readonly subject: { readonly kind: 'record'; readonly index: number } };

/** The strangest records of all datasets together: chosen first, sketched after. */
export function sketchRecords(
  parts: readonly DatasetPart[],
  observation: Observation,
  known: ReadonlySet<string>,
  limits: DossierLimits,
): DossierRecord[] {
  const described = new Map<DatasetPart, DescribedColumn[]>();
  const columnsOf = (part: DatasetPart): DescribedColumn[] => {
    const columns = described.get(part) ?? describeColumns(part, known);
    described.set(part, columns);
    return columns;
  };
  return parts
    .flatMap((part) => (part.dataset ? recordFindings(part.part).map((finding) => ({ part, finding })) : []))
    .sort((a, b) => byStrangeness(a.finding, b.finding))
    .slice(0, limits.maxRecords)
    .map(({ part, finding }) => sketchRecord(finding, part.dataset as Dataset, columnsOf(part), observation, limits));
}

function recordFindings({ findings }: DatasetAnalysis): RecordFinding[] {
  return findings.filter(({ subject }) => subject.kind === 'record') as RecordFinding[];
}

function byStrangeness(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || (a.p ?? 0) - (b.p ?? 0);
}

interface DescribedColumn {
  readonly column: Column;
  readonly name: string;
  readonly type: FieldStatistics['type'] | undefined;
  readonly words: ReadonlySet<string>;
}

/** Once per dataset, not per record: names and open words cost more than cells. */
function describeColumns({ dataset, statistics }: DatasetPart, known: ReadonlySet<string>): DescribedColumn[] {
  const byField = new Map(statistics.map((field) => [field.field, field]));
  return (dataset as Dataset).columns.map((column) => {
    const field = byField.get(column.path);
    return {
      column,
      name: safeColumnPath((dataset as Dataset).name, column.path, known),
      type: field?.type,
      words: field ? openWords(column.path, field) : new Set(),
    };
  });
}

function sketchRecord(
  finding: RecordFinding,
  dataset: Dataset,
  columns: readonly DescribedColumn[],
  observation: Observation,
  { redaction }: DossierLimits,
): DossierRecord {
  const { index } = finding.subject;
  const explaining = new Set(finding.fields.map(({ path }) => path));
  const [telling, rest] = [true, false].map((tells) =>
    columns.filter(({ column }) => explaining.has(column.path) === tells),
  ) as [DescribedColumn[], DescribedColumn[]];
  const shown = [...telling, ...rest].slice(0, MAX_CELLS);
  const values = Object.fromEntries(
    shown.map(({ column, name, type, words }) => [
      name,
      safeCell(column.path, type, column.cells[index], words, redaction),
    ]),
  );
  const described = new Map(columns.map((column) => [column.column.path, column]));
  return {
    observationId: observation.id,
    dataset: dataset.name,
    index,
    sketch: {
      dataset: safePath(dataset.name),
      finding: finding.kind,
      severity: finding.severity,
      p: finding.p === null ? null : roundedNumber(finding.p),
      because: finding.fields.slice(0, MAX_EVIDENCE).map((field) => sketchEvidence(field, described.get(field.path))),
      values,
    },
  };
}

function sketchEvidence(field: FieldEvidence, column: DescribedColumn | undefined): unknown {
  // The usual range of a text is of its length, of a time in its unit: only that of a number can be read by itself.
  const usual = column?.type === 'numeric' && hiddenKind(field.path) === null ? field.usual : undefined;
  return {
    field: column?.name ?? safePath(field.path),
    weight: roundedNumber(field.contribution),
    tail: roundedNumber(field.tailProbability),
    ...(usual && {
      usual: [usual.low, usual.median, usual.high].map(roundedNumber),
    }),
    ...(field.frequency !== undefined && { frequency: roundedNumber(field.frequency) }),
  };
}
