import { statSync } from 'node:fs';
import type { CellFeature } from '../../core/detection/records/cell-features.ts';
import { type Evaluation, evaluateDetector } from '../../core/detection/records/evaluate.ts';
import { explainRecord } from '../../core/detection/records/explain.ts';
import { createKeyedHash } from '../../core/detection/records/keyed-hash.ts';
import {
  batchOfRows,
  featureRow,
  featuresOf,
  type WindowRecord,
} from '../../core/detection/records/record-features.ts';
import { datasetOfRecord } from '../../core/document/graphql-datasets.ts';
import type { FieldEvidence } from '../../core/domain/finding.ts';
import type { Dataset } from '../../core/domain/observation.ts';
import { createProgressBar } from './progress-bar.ts';
import { type FileRecord, readRecordFile, RecordFileError } from './record-file.ts';

export interface DetectFlags {
  readonly label?: string;
  readonly protocol: 'mixed' | 'novelty';
  readonly seeds: number;
  readonly detector: 'forest' | 'neighbours' | 'joined';
  readonly json?: boolean;
}

/** What `--json` prints. `score` is higher for stranger records; the measures are means over the seeds. */
export interface DetectReport {
  readonly file: string;
  readonly rows: number;
  readonly columns: number;
  readonly protocol: DetectFlags['protocol'];
  readonly detector: DetectFlags['detector'];
  readonly seeds: number;
  readonly auroc: number | null;
  readonly averagePrecision: number | null;
  readonly perSeed: Evaluation['perSeed'];
  readonly records: readonly StrangeRecord[];
}

export interface StrangeRecord {
  readonly line: number;
  readonly score: number;
  readonly p: number;
  readonly reason: string;
  readonly fields: readonly FieldEvidence[];
}

const STRANGEST = 20;
const MINIMUM_ROWS = 20;

/** Scores the records of a file with the very code of the service, and prints the strangest with their reasons. */
export async function runDetect(file: string, flags: DetectFlags): Promise<void> {
  const report = detect(file, await readAll(file), flags);
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : reportText(report));
}

async function readAll(file: string): Promise<FileRecord[]> {
  const bar = createProgressBar(`reading ${file}`, statSync(file).size);
  const records: FileRecord[] = [];
  let read = 0;
  for await (const record of readRecordFile(file, (bytes) => (read += bytes))) {
    records.push(record);
    bar.advance(read);
  }
  bar.end();
  return records;
}

interface Row extends WindowRecord {
  readonly line: number;
  readonly dataset: Dataset;
}

export function detect(file: string, records: readonly FileRecord[], flags: DetectFlags): DetectReport {
  if (records.length < MINIMUM_ROWS)
    throw new RecordFileError(
      `${file}: ${records.length} records; at least ${MINIMUM_ROWS} are needed to say what is usual.`,
    );
  const labels = flags.label === undefined ? null : labelsOf(file, records, flags.label);
  if (flags.protocol === 'novelty' && labels === null)
    throw new RecordFileError('The protocol novelty needs --label, to train on normal records only.');
  const rows = rowsOf(records, flags.label);
  const evaluation = evaluate(rows, labels, flags);
  return {
    file,
    rows: rows.length,
    columns: new Set(rows.flatMap((row) => Object.keys(row.features))).size,
    protocol: flags.protocol,
    detector: flags.detector,
    seeds: flags.seeds,
    auroc: evaluation.auroc,
    averagePrecision: evaluation.averagePrecision,
    perSeed: evaluation.perSeed,
    records: strangest(rows, evaluation),
  };
}

function evaluate(
  rows: readonly Row[],
  labels: Int8Array | null,
  { protocol, detector, seeds }: DetectFlags,
): Evaluation {
  const steps = evaluateDetector(rows, labels, { protocol, detector, seeds });
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function strangest(rows: readonly Row[], { model, scored, scores }: Evaluation): StrangeRecord[] {
  const order = [...scored.keys()].sort((a, b) => (scores.scores[b] as number) - (scores.scores[a] as number));
  return order.slice(0, STRANGEST).map((position) => {
    const row = rows[scored[position] as number] as Row;
    const { reason, fields } = explainRecord(model, batchOfRows([row.features], row.at), 0, row.dataset);
    return {
      line: row.line,
      score: scores.scores[position] as number,
      p: scores.pValues[position] as number,
      reason,
      fields,
    };
  });
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

/** Cells of a csv are text: a column in which every cell reads as a number is one of numbers, an empty cell is null. */
function rowsOf(records: readonly FileRecord[], label: string | undefined): Row[] {
  const isNumeric = new Map<string, boolean>();
  for (const { record } of records) {
    for (const [name, cell] of Object.entries(record)) {
      if (cell === '' || cell === null) continue;
      isNumeric.set(name, (isNumeric.get(name) ?? true) && typeof cell === 'string' && NUMBER.test(cell));
    }
  }
  const hash = createKeyedHash('ndc-sentinel detect');
  return records.map(({ line, record }, index) => {
    const cells = Object.entries(record).flatMap(([name, cell]): [string, unknown][] =>
      name === label ? [] : [[name, cell === '' ? null : isNumeric.get(name) === true ? Number(cell) : cell]],
    );
    const dataset = datasetOfRecord('file', Object.fromEntries(cells)).datasets[0] as Dataset;
    const features: Record<string, CellFeature> = featureRow(featuresOf(dataset, 0, hash), 0);
    return { line, key: `${String(index).padStart(9, '0')}/0`, at: 0, features, dataset };
  });
}

const TRUE_LABELS: ReadonlySet<unknown> = new Set(['1', 1, true, 'true', 'anomaly']);
const FALSE_LABELS: ReadonlySet<unknown> = new Set(['0', 0, false, 'false', 'normal']);

function labelsOf(file: string, records: readonly FileRecord[], column: string): Int8Array {
  return Int8Array.from(records, ({ line, record }) => {
    const value = Object.hasOwn(record, column) ? record[column] : undefined;
    if (TRUE_LABELS.has(value)) return 1;
    if (FALSE_LABELS.has(value)) return 0;
    throw new RecordFileError(
      `${file}, line ${line}: the label "${column}" is ${JSON.stringify(value) ?? 'missing'}; expected 1 or 0.`,
    );
  });
}

function reportText(report: DetectReport): string {
  const measured =
    report.auroc === null || report.averagePrecision === null
      ? []
      : [
          `AUROC ${report.auroc.toFixed(4)}, average precision ${report.averagePrecision.toFixed(4)} (mean of ${report.perSeed.length} seeds, ${report.protocol})`,
        ];
  const lines = report.records.map(
    ({ line, score, p, reason }) => `line ${line}  score ${score.toFixed(3)}  p ${p.toPrecision(2)}  ${reason}`,
  );
  return [
    `${report.rows} records, ${report.columns} columns, detector ${report.detector}`,
    ...measured,
    'the strangest:',
    ...lines,
    '',
  ].join('\n');
}
