import { statSync } from 'node:fs';
import type { FeatureTable } from '../../core/detection/records/features/feature-table.ts';
import { type Evaluation, evaluateDetector } from '../../core/detection/records/model/evaluate.ts';
import { explainRecord } from '../../core/detection/records/explanation/explain.ts';
import { createKeyedHash } from '../../core/detection/records/features/keyed-hash.ts';
import type { FeatureBatch } from '../../core/detection/records/features/record-features.ts';
import type { FieldEvidence } from '../../core/domain/finding.ts';
import type { Instant } from '../../core/domain/time.ts';
import { createProgressBar } from './progress-bar.ts';
import { type FileRecord, openRecordFile, type RecordFile, RecordFileError } from './record-file.ts';
import { readRecordTable, type RecordTable } from './record-table.ts';

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
const NAMED_COLUMNS = 10;
/** At least half of the records are as strange as one of this p-value. */
const ORDINARY_P = 0.5;

/** Scores the records of a file with the very code of the service, and prints the strangest with their reasons. */
export async function runDetect(path: string, flags: DetectFlags): Promise<void> {
  const report = await detect(path, flags);
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : reportText(report));
}

/** The report of `runDetect`. Throws a `RecordFileError` that names the file and the line. */
export async function detect(path: string, flags: DetectFlags): Promise<DetectReport> {
  const file = openRecordFile(path);
  if (flags.protocol === 'novelty' && flags.label === undefined)
    throw new RecordFileError('The protocol novelty needs --label, to train on normal records only.');
  const { table, lines, labels, datasetOf } = await readTable(file, flags);
  if (lines.length < MINIMUM_ROWS)
    throw new RecordFileError(
      `${file.path}: ${lines.length} records; at least ${MINIMUM_ROWS} are needed to say what is usual.`,
    );
  if (flags.label !== undefined) checkLabels(file.path, labels, flags);
  const evaluation = await evaluate(table, labels, flags);
  noteUnused(table, evaluation);
  return {
    file: file.path,
    rows: lines.length,
    columns: table.columns.size,
    protocol: flags.protocol,
    detector: flags.detector,
    seeds: flags.seeds,
    auroc: evaluation.auroc,
    averagePrecision: evaluation.averagePrecision,
    perSeed: evaluation.perSeed,
    records: await explained(file, strangest(evaluation), table, evaluation, datasetOf),
  };
}

/** What is measured is how anomalies are told from normal records, and there must be some to learn from. */
function checkLabels(path: string, labels: Int8Array | null, { label, protocol }: DetectFlags): void {
  const anomalies = labels?.filter((one) => one === 1).length ?? 0;
  const normal = (labels?.length ?? 0) - anomalies;
  if (protocol === 'novelty' && normal < MINIMUM_ROWS)
    throw new RecordFileError(
      `${path}: ${normal} records are normal by "${label}"; novelty needs at least ${MINIMUM_ROWS}, and trains on half of them.`,
    );
  if (anomalies === 0 || normal === 0)
    process.stderr.write(`Every record has the same label "${label}": there is nothing to measure.\n`);
}

async function readTable(file: RecordFile, { label }: DetectFlags): Promise<RecordTable> {
  const bar = createProgressBar(`reading ${file.path}`, statSync(file.path).size * (file.isCsv ? 2 : 1));
  let read = 0;
  const hash = createKeyedHash('ndc-sentinel detect');
  const table = await readRecordTable(file, { label, hash, onBytes: (bytes) => bar.advance((read += bytes)) });
  bar.end();
  return table;
}

/** Steps of a few milliseconds, of which nobody knows how many there will be. */
async function evaluate(
  table: FeatureTable,
  labels: Int8Array | null,
  { protocol, detector, seeds }: DetectFlags,
): Promise<Evaluation> {
  const bar = createProgressBar('training and scoring', null);
  const steps = evaluateDetector(table, labels, { protocol, detector, seeds });
  for (let done = 1; ; done++) {
    const step = steps.next();
    if (step.done) {
      bar.end();
      return step.value;
    }
    bar.advance(done);
  }
}

/** The encoder reads so many columns and no more: whoever looks for something should know where it was not looked for. */
function noteUnused(table: FeatureTable, { model }: Evaluation): void {
  const used = new Set(model.encoder.columns.map(({ path }) => path));
  const unused = [...table.columns.keys()].filter((path) => !used.has(path));
  if (unused.length === 0) return;
  const named = unused.slice(0, NAMED_COLUMNS).join(', ');
  process.stderr.write(
    `${unused.length} columns beyond the ${used.size} that are used were not looked at: ${named}${unused.length > NAMED_COLUMNS ? ', …' : ''}\n`,
  );
}

/** Positions in `scored`, the strangest first. */
function strangest({ scored, scores }: Evaluation): number[] {
  const order = [...scored.keys()].sort((a, b) => (scores.scores[b] as number) - (scores.scores[a] as number));
  return order.slice(0, STRANGEST);
}

/** Features hold no values: those of the few records that are shown are read from the file again. */
async function explained(
  file: RecordFile,
  positions: readonly number[],
  table: FeatureTable,
  { model, scored, scores }: Evaluation,
  datasetOf: RecordTable['datasetOf'],
): Promise<StrangeRecord[]> {
  const wanted = new Set(positions.map((position) => scored[position] as number));
  const found = new Map<number, FileRecord>();
  let row = 0;
  for await (const record of file.records()) {
    if (wanted.has(row)) found.set(row, record);
    row++;
    if (found.size === wanted.size) break;
  }
  return positions.map((position) => {
    const index = scored[position] as number;
    const { line, record } = found.get(index) as FileRecord;
    const { reason, fields } = explainRecord(model, batchOfRow(table, index), 0, datasetOf(record));
    const p = scores.pValues[position] as number;
    const said = p < ORDINARY_P ? reason : 'nothing unusual';
    return { line, score: scores.scores[position] as number, p, reason: said, fields };
  });
}

function batchOfRow({ times, columns }: FeatureTable, row: number): FeatureBatch {
  return {
    at: times[row] as Instant,
    recordCount: 1,
    columns: [...columns].map(([path, features]) => ({ path, features: [features[row]] })),
  };
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
