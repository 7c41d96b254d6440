import { createHash } from 'node:crypto';
import type { CellFeature } from './cell-features.ts';
import { cellSlices } from './cell-slices.ts';
import { isIdentifierName } from './column-kind.ts';
import type { WindowRecord } from './record-features.ts';

/**
 * The window with each thing counted once. The same page read a hundred times shows ten things, not a thousand: a model
 * of the thousand would find page two strange. Records of equal content are one thing where something in them can tell
 * things apart: a column whose values are nearly all different among the distinct contents (half of them, if it is called
 * like a key: a thing may change). Records of mere categories
 * (a status and a flag) are left as they are: their repetition is their frequency.
 */
export function* distinctRecords(window: readonly WindowRecord[]): Generator<void, readonly WindowRecord[]> {
  const latest = new Map<string, WindowRecord>();
  const slice = cellSlices();
  for (const record of window) {
    const content = contentOf(record);
    const other = latest.get(content);
    if (other === undefined || isLater(record, other)) latest.set(content, record);
    if (slice.isFull(Object.keys(record.features).length)) yield;
  }
  if (latest.size === window.length) return window;
  const distinct = [...latest.values()];
  return (yield* tellsApart(distinct)) ? distinct : window;
}

const TELLING_SHARE = 0.9;
const TELLING_SHARE_OF_KEY = 0.5;

/** A digest of what a record holds: the contents of a whole window of wide records would be tens of megabytes. */
function contentOf({ features }: WindowRecord): string {
  const lines = Object.keys(features)
    .sort()
    .map((path) => `${path}\n${contentOfCell(features[path])}`);
  return createHash('sha256').update(lines.join('\n')).digest('base64');
}

/** The hash stands for a text: the rest of its features follows from it. */
function contentOfCell(cell: CellFeature | undefined): string {
  return Array.isArray(cell) ? (typeof cell[0] === 'string' ? cell[0] : cell.join()) : `${typeof cell} ${String(cell)}`;
}

function isLater(a: WindowRecord, b: WindowRecord): boolean {
  return a.at > b.at || (a.at === b.at && a.key > b.key);
}

function* tellsApart(distinct: readonly WindowRecord[]): Generator<void, boolean> {
  const values = new Map<string, Set<string>>();
  const slice = cellSlices();
  for (const { features } of distinct) {
    const paths = Object.keys(features);
    for (const path of paths) {
      let seen = values.get(path);
      if (!seen) values.set(path, (seen = new Set()));
      seen.add(contentOfCell(features[path]));
    }
    if (slice.isFull(paths.length)) yield;
  }
  // With a single column every set of distinct contents is all different, whatever the column holds.
  return (
    values.size > 1 &&
    values.entries().some(([path, seen]) => {
      const share = isIdentifierName(path) ? TELLING_SHARE_OF_KEY : TELLING_SHARE;
      return seen.size >= share * distinct.length;
    })
  );
}
