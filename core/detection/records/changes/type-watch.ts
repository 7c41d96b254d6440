import type { CellFeature } from '../features/cell-features.ts';
import { instantOf, NUMERIC_READERS, type Presence, presenceOf } from '../features/column-features.ts';
import type { ColumnKind } from '../features/column-kind.ts';
import type { EncodedColumn } from '../model/encoded-column.ts';
import type { Encoder } from '../model/encoder.ts';
import { type CategoryCounts, countOf } from '../model/rarity.ts';
import type { FeatureBatch } from '../features/record-features.ts';

/** Notices columns whose latest values are of another type than those the model was trained on: numbers that became words. */
export interface TypeWatch {
  /** Counts the values of records that were compared with a model. */
  note(encoder: Encoder, batch: FeatureBatch): void;
  /** Paths of the columns that have changed; one odd record changes none. */
  changed(): string[];
}

/** The latest values of a column that had any of another type, older ones fading. */
interface Counts {
  values: number;
  other: number;
}

/** Two halves of this are what "latest" means: counts are halved when they are full. */
const RECENT_VALUES = 400;
/** As many as new records must be for training (drift.ts), and most of the latest. */
const MIN_OTHER = 100;
const MAJORITY = 0.5;
/** A type that so many training values had is known, even where another is the usual one. */
const KNOWN_SHARE = 0.05;
/** What stands in a cell, where it is a value. */
const TYPES: ReadonlySet<string> = new Set(['number', 'boolean', 'text', 'list'] satisfies Presence[]);

export function createTypeWatch(): TypeWatch {
  const counted = new Map<string, Counts>();
  return {
    note(encoder, batch) {
      const columns = new Map(batch.columns.map((column) => [column.path, column.features]));
      for (const column of encoder.columns) {
        const cells = columns.get(column.path);
        if (cells) count(column, cells);
      }
    },
    changed: () =>
      [...counted]
        .filter(([, { values, other }]) => other >= MIN_OTHER && other > MAJORITY * values)
        .map(([path]) => path),
  };

  function count(column: EncodedColumn, cells: readonly (CellFeature | undefined)[]): void {
    const values = spread(cells).filter(isValue);
    const other = values.filter((cell) => !isOfKnownType(column, cell)).length;
    const counts = counted.get(column.path) ?? { values: 0, other: 0 };
    if (other === 0 && counts.other === 0) return;
    counts.values += values.length;
    counts.other += other;
    if (counts.values > RECENT_VALUES) {
      const kept = RECENT_VALUES / 2 / counts.values;
      counts.values *= kept;
      counts.other *= kept;
    }
    counted.set(column.path, counts);
  }
}

/** At most as many cells as count, evenly over the response: of a long one the others would only fade them. */
function spread(cells: readonly (CellFeature | undefined)[]): readonly (CellFeature | undefined)[] {
  if (cells.length <= RECENT_VALUES) return cells;
  const step = cells.length / RECENT_VALUES;
  return Array.from({ length: RECENT_VALUES }, (_, i) => cells[Math.floor(i * step)]);
}

/** Null, a missing key and what is not finite have no type. */
function isValue(cell: CellFeature | undefined): cell is CellFeature {
  return cell !== undefined && cell !== null && typeof cell !== 'string';
}

function isOfKnownType(column: EncodedColumn, cell: CellFeature): boolean {
  const usual = column.categorical.find((feature) => feature.name === 'presence')?.counts;
  const presence = presenceOf(cell);
  if (usual === undefined || presence === undefined) return true;
  const isRead = READS[column.kind]?.(cell);
  if (isRead === true) return true;
  // A text that is no amount, in a column of amounts that are texts.
  if (isRead === false && presence === mostFrequentType(usual)) return false;
  return countOf(usual, presence) >= KNOWN_SHARE * usual.total;
}

/** Whether a cell can be read as what the column holds, for kinds that say more than number, text, boolean or list. */
const READS: Partial<Record<ColumnKind, (cell: CellFeature) => boolean>> = {
  numeric: (cell) => !Number.isNaN(NUMERIC_READERS.value(cell)),
  timestamp: (cell) => !Number.isNaN(instantOf(cell)),
};

function mostFrequentType({ counts }: CategoryCounts): string | undefined {
  for (const presence of counts.keys()) if (TYPES.has(presence)) return presence;
  return undefined;
}
