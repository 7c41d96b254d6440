import type { CellFeature } from './cell-features.ts';
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
  for (const [index, record] of window.entries()) {
    const content = contentOf(record);
    const other = latest.get(content);
    if (other === undefined || isLater(record, other)) latest.set(content, record);
    if (index % ROWS_PER_SLICE === ROWS_PER_SLICE - 1) yield;
  }
  if (latest.size === window.length) return window;
  const distinct = [...latest.values()];
  return (yield* tellsApart(distinct)) ? distinct : window;
}

const ROWS_PER_SLICE = 128;
const TELLING_SHARE = 0.9;
const TELLING_SHARE_OF_KEY = 0.5;

function contentOf({ features }: WindowRecord): string {
  let content = '';
  for (const path of Object.keys(features).sort()) content += `${path}\n${contentOfCell(features[path])}\n`;
  return content;
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
  for (const [index, { features }] of distinct.entries()) {
    for (const path of Object.keys(features)) {
      let seen = values.get(path);
      if (!seen) values.set(path, (seen = new Set()));
      seen.add(contentOfCell(features[path]));
    }
    if (index % ROWS_PER_SLICE === ROWS_PER_SLICE - 1) yield;
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
