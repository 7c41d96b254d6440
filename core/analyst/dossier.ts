import { fieldStatistics } from '../detection/records/field-statistics.ts';
import type { Analysis, DatasetAnalysis, FieldStatistics } from '../domain/analysis.ts';
import type { AskReason } from '../domain/analyst-opinion.ts';
import { type FieldEvidence, type Finding, FINDING_KINDS } from '../domain/finding.ts';
import type { Uuid } from '../domain/ids.ts';
import type { ArgumentValue, Column, Dataset, Observation } from '../domain/observation.ts';
import { SEVERITIES } from '../domain/severity.ts';
import {
  hiddenKind,
  openWords,
  type RedactionMode,
  roundedNumber,
  safeCell,
  safeColumnPath,
  safeName,
  safePath,
} from './redaction.ts';
import { safeReason } from './safe-reason.ts';
import type { AskSubject } from './when-to-ask.ts';

/**
 * All that is kept of an analysis for a question: redacted, of bounded size, without a reference to the rows. Its
 * `query`, `findings` and `datasets` are what is sent (prompt.ts); the rest says what the answer is about.
 */
export interface Dossier {
  readonly subject: AskSubject;
  readonly reason: AskReason;
  readonly observations: readonly DossierObservation[];
  readonly query: unknown;
  readonly findings: readonly unknown[];
  readonly datasets: readonly DatasetSketch[];
  /** Flagged records in the order in which they are numbered for the model, strangest first. */
  readonly records: readonly DossierRecord[];
  /** Paths that the query selects: names of the schema and not keys in the data. */
  readonly known: ReadonlySet<string>;
}

/** What is needed to write down what the answer says about an observation. */
export interface DossierObservation {
  readonly id: Uuid;
  readonly observation: Omit<Observation, 'datasets' | 'arguments' | 'principal'> & {
    readonly principal: Pick<Observation['principal'], 'role' | 'userId'>;
  };
  readonly recordCounts: ReadonlyMap<string, number>;
}

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

export interface DossierLimits {
  readonly redaction: RedactionMode;
  /** Flagged records of one question (MAX_RECORDS_PER_BATCH). */
  readonly maxRecords: number;
  /** Values per field, in statistics. */
  readonly maxValues: number;
}

const MAX_DATASETS = 12;
const MAX_FIELDS = 60;
const MAX_SELECTED = 120;
const MAX_ARGUMENTS = 30;
const MAX_FINDINGS = 20;
/** Columns shown of a flagged record: those that explain it first. */
const MAX_CELLS = 24;
/** What sketches are drawn from where the analysis brought none: enough for shares, and a few milliseconds at most. */
const SKETCHED_RECORDS = 200;
const SKETCHED_CELLS = 3_000;

export function dossierOf(analysis: Analysis, reason: AskReason, subject: AskSubject, limits: DossierLimits): Dossier {
  const { observation } = analysis;
  const known = new Set(observation.shape.fields);
  let cells = SKETCHED_CELLS;
  const datasets = analysis.datasets.slice(0, MAX_DATASETS).map((part) => {
    const dataset = observation.datasets.find(({ name }) => name === part.dataset);
    if (part.statistics.length > 0 || !dataset) return { part, dataset, statistics: part.statistics };
    const excerpt = excerptOf(dataset, cells);
    cells -= excerpt.recordCount * excerpt.columns.length;
    return { part, dataset, statistics: excerpt.recordCount === 0 ? [] : fieldStatistics(excerpt) };
  });
  return {
    subject,
    reason,
    observations: [withoutData(observation)],
    query: sketchQuery(observation),
    findings: analysis.queryFindings
      .slice(0, MAX_FINDINGS)
      .map((finding) => sketchFinding(finding, observation, known)),
    datasets: datasets.map(({ part, statistics }) => sketchDataset(part, statistics, observation, known, limits)),
    records: sketchRecords(datasets, observation, known, limits),
    known,
  };
}

/** One question about several requests of the same shape and kinds: the flagged records of the later ones are added. */
export function joinDossiers(first: Dossier, later: Dossier, maxRecords: number): Dossier {
  return {
    ...first,
    observations: [...first.observations, ...later.observations],
    records: [...first.records, ...later.records].slice(0, maxRecords),
  };
}

function withoutData(observation: Observation): DossierObservation {
  const { datasets, arguments: _arguments, principal, ...rest } = observation;
  return {
    id: observation.id,
    observation: { ...rest, principal: { role: principal.role, userId: principal.userId } },
    recordCounts: new Map(datasets.map(({ name, recordCount }) => [name, recordCount])),
  };
}

/** Told by its paths and counts; the normalised text says no more and could hold any text where NDC names do. */
function sketchQuery(observation: Observation): unknown {
  const { shape, operationName, principal, source } = observation;
  return {
    source,
    operation: operationName === null ? null : safeName(operationName),
    type: shape.operationType,
    role: safeName(principal.role),
    roots: shape.rootFields.slice(0, MAX_FIELDS).map(safePath),
    selected: shape.fields.slice(0, MAX_SELECTED).map(safePath),
    shape: shape.features,
    arguments: observation.arguments.slice(0, MAX_ARGUMENTS).map(sketchArgument),
    errors: observation.errorCount,
  };
}

const PAGING = /(?:^|\.)(?:limit|offset|first|last|page|page_?size)$/i;

function sketchArgument({ path, value }: ArgumentValue): unknown {
  const name = safePath(path);
  if (typeof value === 'string') {
    const kind = hiddenKind(path);
    return { path: name, value: `[${kind ?? 'text'} of ${value.length} characters]` };
  }
  if (typeof value !== 'number') return { path: name, value };
  const digits = String(Math.trunc(Math.abs(value))).length;
  return { path: name, value: PAGING.test(path) ? roundedNumber(value) : `[number of ${digits} digits]` };
}

function sketchFinding(finding: Finding, observation: Observation, known: ReadonlySet<string>): unknown {
  const said = safeReason(finding, observation, known);
  const evidence = finding.fields.slice(0, 6).map((field) => ({ field: evidencePath(finding, field, known) }));
  return {
    finding: finding.kind,
    meaning: FINDING_KINDS[finding.kind].text,
    severity: finding.severity,
    p: finding.p === null ? null : roundedNumber(finding.p),
    ...(said !== null && { said }),
    ...(evidence.length > 0 && { evidence }),
  };
}

function evidencePath(finding: Finding, field: FieldEvidence, known: ReadonlySet<string>): string {
  return 'dataset' in finding.subject
    ? safeColumnPath(finding.subject.dataset, field.path, known)
    : safePath(field.path);
}

/** The first records of a dataset, as many as the cells left allow; none where they would show nothing. */
function excerptOf(dataset: Dataset, cellsLeft: number): Dataset {
  const columns = dataset.columns.slice(0, MAX_FIELDS);
  const affordable = Math.floor(cellsLeft / Math.max(1, columns.length));
  const recordCount = affordable < 5 ? 0 : Math.min(dataset.recordCount, SKETCHED_RECORDS, affordable);
  return {
    ...dataset,
    recordCount,
    columns: columns.map(({ path, cells }) => ({ path, cells: cells.slice(0, recordCount) })),
  };
}

function sketchDataset(
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

type RecordFinding = Finding & { readonly subject: { readonly kind: 'record'; readonly index: number } };

interface Part {
  readonly part: DatasetAnalysis;
  readonly dataset: Dataset | undefined;
  readonly statistics: readonly FieldStatistics[];
}

/** The strangest records of all datasets together: chosen first, sketched after. */
function sketchRecords(
  parts: readonly Part[],
  observation: Observation,
  known: ReadonlySet<string>,
  limits: DossierLimits,
): DossierRecord[] {
  const described = new Map<Part, DescribedColumn[]>();
  const columnsOf = (part: Part): DescribedColumn[] => {
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
function describeColumns({ dataset, statistics }: Part, known: ReadonlySet<string>): DescribedColumn[] {
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
      because: finding.fields.slice(0, 6).map((field) => sketchEvidence(field, described.get(field.path))),
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
