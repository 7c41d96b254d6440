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

/** Collects records column by column. Paths are keys of a Map: `__proto__` is a column like any other. */
export class DatasetBuilder {
  readonly name: string;
  private readonly caps: ExtractionCaps;
  private readonly columns = new Map<string, Cell[]>();
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
    let cells = this.columns.get(path);
    if (!cells) {
      if (this.columns.size >= this.caps.columns) {
        this.dropColumn(path);
        return;
      }
      cells = [];
      this.columns.set(path, cells);
    }
    if (cells.length >= this.recordCount) return;
    while (cells.length < this.recordCount - 1) cells.push(undefined);
    cells.push(cell);
  }

  /** Counts an element of a list of records that is no record. */
  dropRecord(): void {
    this.droppedRecords++;
  }

  dropColumn(path: string): void {
    if (this.droppedPaths.size < MAX_DROPPED_PATHS) this.droppedPaths.add(path);
  }

  build(): Dataset {
    const columns: Column[] = [];
    for (const [path, cells] of this.columns) {
      while (cells.length < this.recordCount) cells.push(undefined);
      columns.push({ path, cells });
    }
    return {
      name: this.name,
      recordCount: this.recordCount,
      columns,
      droppedRecords: this.droppedRecords,
      droppedColumns: this.droppedPaths.size,
    };
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
