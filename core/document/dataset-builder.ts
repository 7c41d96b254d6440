import type { Cell, Column, Dataset } from '../domain/observation.ts';

/** What extraction keeps of one response; the rest is counted, never silently gone. */
export interface ExtractionCaps {
  readonly records: number;
  readonly columns: number;
  /** Levels of objects inside a record that become dotted paths. */
  readonly depth: number;
  readonly datasets: number;
}

export const DEFAULT_EXTRACTION_CAPS: ExtractionCaps = { records: 10_000, columns: 200, depth: 4, datasets: 256 };

export interface ExtractedDatasets {
  readonly datasets: readonly Dataset[];
  /** Lists beyond `ExtractionCaps.datasets`. */
  readonly droppedDatasets: number;
}

/** Distinct dropped paths that are told apart; from there on the count is a lower bound. */
const MAX_DROPPED_PATHS = 1_000;
/** So many times the columns that are kept are collected to choose from; paths that come later are dropped. */
const CANDIDATES = 5;

/** The cells of one path, from the first record on that has it. */
interface CandidateColumn {
  readonly path: string;
  readonly firstRecord: number;
  readonly cells: Cell[];
  /** Records that have the path. */
  records: number;
}

/**
 * Collects records column by column. Paths are keys of a Map: `__proto__` is a column like any other. Of more columns than
 * the cap allows, those are kept that most records have, of equally frequent ones the first by name: whatever the order of
 * the keys, responses agree on what they keep, and with the baseline that learnt from them.
 */
export class DatasetBuilder {
  readonly name: string;
  private readonly caps: ExtractionCaps;
  private readonly columns = new Map<string, CandidateColumn>();
  private readonly droppedPaths = new Set<string>();
  private recordCount = 0;
  private droppedRecords = 0;

  constructor(name: string, caps: ExtractionCaps) {
    this.name = name;
    this.caps = caps;
  }

  /** Begins the next record; false when the cap is reached and the record is only counted. */
  addRecord(): boolean {
    if (this.recordCount >= this.caps.records) {
      this.droppedRecords++;
      return false;
    }
    this.recordCount++;
    return true;
  }

  /** Sets a cell of the current record. Of two aliases that select the same path the first one stays. */
  set(path: string, cell: Cell): void {
    const record = this.recordCount - 1;
    let column = this.columns.get(path);
    if (!column) {
      if (this.columns.size >= CANDIDATES * this.caps.columns) {
        this.dropColumn(path);
        return;
      }
      column = { path, firstRecord: record, cells: [], records: 0 };
      this.columns.set(path, column);
    }
    const place = record - column.firstRecord;
    if (column.cells.length > place) return;
    while (column.cells.length < place) column.cells.push(undefined);
    column.cells.push(cell);
    column.records++;
  }

  /** Counts an element of a list of records that is no record. */
  dropRecord(): void {
    this.droppedRecords++;
  }

  dropColumn(path: string): void {
    if (this.droppedPaths.size < MAX_DROPPED_PATHS) this.droppedPaths.add(path);
  }

  build(): Dataset {
    const kept = this.keptPaths();
    const columns: Column[] = [];
    for (const { path, firstRecord, cells } of this.columns.values()) {
      if (!kept.has(path)) {
        this.dropColumn(path);
        continue;
      }
      const before = Array<Cell>(firstRecord).fill(undefined);
      const all = firstRecord === 0 ? cells : [...before, ...cells];
      while (all.length < this.recordCount) all.push(undefined);
      columns.push({ path, cells: all });
    }
    return {
      name: this.name,
      recordCount: this.recordCount,
      columns,
      droppedRecords: this.droppedRecords,
      droppedColumns: this.droppedPaths.size,
    };
  }

  private keptPaths(): ReadonlySet<string> {
    if (this.columns.size <= this.caps.columns) return new Set(this.columns.keys());
    const byRecords = [...this.columns.values()].sort((a, b) => b.records - a.records || (a.path < b.path ? -1 : 1));
    return new Set(byRecords.slice(0, this.caps.columns).map(({ path }) => path));
  }
}

/**
 * The builders of one response. Lists of one name and one selection are one dataset, under however many aliases they
 * were asked for. Where the selections differ they stay apart under the same name: a column that was not selected would
 * otherwise look like a missing value.
 */
export class DatasetBuilders {
  private readonly caps: ExtractionCaps;
  private readonly byName = new Map<string, { readonly signature: string; readonly builder: DatasetBuilder }[]>();
  private count = 0;
  private readonly dropped = new Set<string>();

  constructor(caps: ExtractionCaps) {
    this.caps = caps;
  }

  /** Undefined beyond the cap. */
  get(name: string, signature: string): DatasetBuilder | undefined {
    const same = this.byName.get(name);
    const known = same?.find((entry) => entry.signature === signature);
    if (known) return known.builder;
    if (this.count >= this.caps.datasets) {
      this.dropped.add(`${name} ${signature}`);
      return undefined;
    }
    this.count++;
    const builder = new DatasetBuilder(name, this.caps);
    if (same) same.push({ signature, builder });
    else this.byName.set(name, [{ signature, builder }]);
    return builder;
  }

  build(): ExtractedDatasets {
    const datasets = [...this.byName.values()].flatMap((same) => same.map(({ builder }) => builder.build()));
    return { datasets, droppedDatasets: this.dropped.size };
  }
}
