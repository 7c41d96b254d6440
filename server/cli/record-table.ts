import { type CellFeature, cellFeature, MISSING } from '../../core/detection/records/features/cell-features.ts';
import type { FeatureTable } from '../../core/detection/records/features/feature-table.ts';
import type { KeyedHash } from '../../core/detection/records/features/keyed-hash.ts';
import { DEFAULT_EXTRACTION_CAPS } from '../../core/document/dataset-builder.ts';
import { datasetOfRecord } from '../../core/document/graphql-datasets.ts';
import type { Cell, Dataset } from '../../core/domain/observation.ts';
import { type FileRecord, type RecordFile, RecordFileError } from './record-file.ts';

/** The features of a whole file by column, without its values. */
export interface RecordTable {
  readonly table: FeatureTable;
  /** Line of each record. */
  readonly lines: readonly number[];
  /** 1 for an anomaly; null where no label was asked for. */
  readonly labels: Int8Array | null;
  /** The record as it is explained, from the file's record. */
  datasetOf(record: FileRecord['record']): Dataset;
}

export interface RecordTableOptions {
  readonly label: string | undefined;
  readonly hash: KeyedHash;
  readonly onBytes: (bytes: number) => void;
}

/** Columns of one record that are read; the encoder uses fewer. */
const CAPS = { ...DEFAULT_EXTRACTION_CAPS, columns: 10_000 };
/** Texts of a column whose features are kept to be shared: those of a category are few. */
const SHARED_TEXTS = 10_000;

/** Reads a csv twice, since a column is one of numbers only if all of it is; a jsonl file once. */
export async function readRecordTable(
  file: RecordFile,
  { label, hash, onBytes }: RecordTableOptions,
): Promise<RecordTable> {
  const numeric = file.isCsv ? await numericColumns(file, onBytes) : new Set<string>();
  const datasetOf = (record: FileRecord['record']): Dataset =>
    datasetOfRecord('file', cellsOf(record, label, numeric), CAPS).datasets[0] as Dataset;
  const columns = new Map<string, FeatureColumn>();
  const lines: number[] = [];
  const labels: number[] = [];
  for await (const { line, record } of file.records(onBytes)) {
    if (label !== undefined) labels.push(labelOf(file.path, line, record, label));
    for (const { path, cells } of datasetOf(record).columns) {
      let column = columns.get(path);
      if (!column) columns.set(path, (column = new FeatureColumn(hash)));
      column.set(lines.length, cells[0]);
    }
    lines.push(line);
  }
  return {
    table: {
      // A file doesn't say when its records were asked for: instants in it are compared as they stand, not as ages.
      times: lines.map(() => Number.NaN),
      // Each line is a response by itself.
      groups: Int32Array.from(lines.keys()),
      columns: new Map([...columns].map(([path, column]) => [path, column.whole(lines.length)])),
    },
    lines,
    labels: label === undefined ? null : Int8Array.from(labels),
    datasetOf,
  };
}

class FeatureColumn {
  readonly #features: CellFeature[] = [];
  readonly #shared = new Map<string, CellFeature>();
  readonly #hash: KeyedHash;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  set(row: number, cell: Cell): void {
    this.whole(row).push(typeof cell === 'string' ? this.#textFeature(cell) : cellFeature(cell, this.#hash));
  }

  /** What the file's other records have and this one has not is missing, not left out of a selection. */
  whole(rows: number): CellFeature[] {
    while (this.#features.length < rows) this.#features.push(MISSING);
    return this.#features;
  }

  #textFeature(text: string): CellFeature {
    const known = this.#shared.get(text);
    if (known !== undefined) return known;
    const feature = cellFeature(text, this.#hash);
    if (this.#shared.size < SHARED_TEXTS) this.#shared.set(text, feature);
    return feature;
  }
}

const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

async function numericColumns(file: RecordFile, onBytes: (bytes: number) => void): Promise<ReadonlySet<string>> {
  const isNumeric = new Map<string, boolean>();
  for await (const { record } of file.records(onBytes)) {
    for (const name of Object.keys(record)) {
      const cell = record[name] as string;
      if (cell !== '' && isNumeric.get(name) !== false) isNumeric.set(name, NUMBER.test(cell));
    }
  }
  return new Set([...isNumeric].flatMap(([name, is]) => (is ? [name] : [])));
}

/** Without the label. An empty cell of a csv is null. */
function cellsOf(
  record: FileRecord['record'],
  label: string | undefined,
  numeric: ReadonlySet<string>,
): Record<string, unknown> {
  // A column may be called "__proto__".
  const cells = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(record)) {
    const cell = record[name];
    if (name !== label) cells[name] = cell === '' ? null : numeric.has(name) ? Number(cell) : cell;
  }
  return cells;
}

/** As programs write them: some capitalise `True`, or have only doubles. */
const TRUE_LABELS: ReadonlySet<string> = new Set(['1', '1.0', 'true', 'anomaly']);
const FALSE_LABELS: ReadonlySet<string> = new Set(['0', '0.0', 'false', 'normal']);
const NAMED_COLUMNS = 20;

function labelOf(path: string, line: number, record: FileRecord['record'], column: string): 0 | 1 {
  const value = Object.hasOwn(record, column) ? record[column] : undefined;
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  const text = isScalar ? String(value).toLowerCase() : '';
  if (TRUE_LABELS.has(text)) return 1;
  if (FALSE_LABELS.has(text)) return 0;
  const problem =
    value === undefined
      ? `there is no label "${column}"; there are ${Object.keys(record).slice(0, NAMED_COLUMNS).join(', ')}`
      : `the label "${column}" is ${(JSON.stringify(value) ?? '').slice(0, 80)}; expected 1 or 0`;
  throw new RecordFileError(`${path}, line ${line}: ${problem}.`);
}
