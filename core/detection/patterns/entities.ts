import type { Column, Dataset, Observation } from '../../domain/observation.ts';
import { recordCountOf } from '../../domain/observation.ts';

/** The things a response shows, so that reading one twice counts once. */
export interface Entities {
  /** A 32-bit hash per record that was looked at. */
  readonly hashes: Uint32Array;
  /** Further records, taken for different things. */
  readonly beyond: number;
}

/** Records of one response that are looked at; the hook must not wait for the rest. */
const RECORDS_READ = 2_000;
const KEY_NAME = /^_?(?:id|uuid|guid|key|pk)$/i;

const known = new WeakMap<Observation, Entities>();

/** Hashes of dataset and key, or of all cells where no key was selected. Asked for several times per observation: kept with it. */
export function entitiesOf(observation: Observation): Entities {
  const before = known.get(observation);
  if (before !== undefined) return before;
  const hashes: number[] = [];
  for (const dataset of observation.datasets) {
    const room = RECORDS_READ - hashes.length;
    if (dataset.columns.length > 0) hashes.push(...hashesOf(dataset, Math.min(room, dataset.recordCount)));
  }
  const entities = { hashes: Uint32Array.from(hashes), beyond: recordCountOf(observation) - hashes.length };
  known.set(observation, entities);
  return entities;
}

function hashesOf(dataset: Dataset, count: number): number[] {
  const key = keyColumn(dataset, count);
  const columns = key === undefined ? dataset.columns : [key];
  const name = hashText(2_166_136_261, dataset.name);
  return Array.from({ length: count }, (_, row) =>
    mixed(columns.reduce((hash, { cells }) => hashText(hash, textOf(cells[row])), name)),
  );
}

/** `id`, or the key named after the dataset: `customers.customerId`, `Invoice.invoice_id`. */
function keyColumn({ name, columns }: Dataset, count: number): Column | undefined {
  const thing = letters(name.slice(name.lastIndexOf('.') + 1));
  const isKey = (path: string): boolean => {
    const own = letters(path);
    return KEY_NAME.test(path) || own === `${thing}id` || `${own}s` === `${thing.replace(/s$/, '')}ids`;
  };
  return columns.find(({ path, cells }) => {
    if (!isKey(path)) return false;
    for (let row = 0; row < count; row++) if (cells[row] === null || cells[row] === undefined) return false;
    return true;
  });
}

function letters(name: string): string {
  return name.replaceAll(/[^A-Za-z\d]/g, '').toLowerCase();
}

/** Levels of lists and objects that are looked into: a JSON value may nest thousands of them. */
const MAX_LEVELS = 8;

function textOf(cell: unknown, level = 0): string {
  if (typeof cell !== 'object' || cell === null) return typeof cell === 'string' && level === 0 ? cell : quoted(cell);
  if (level === MAX_LEVELS) return '…';
  const parts = Object.entries(cell).map(([key, value]) => `${quoted(key)}:${textOf(value, level + 1)}`);
  return `{${parts.join()}}`;
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

/** FNV-1a (Fowler, Noll and Vo, 1991) over the characters, closed by one that no text begins with. */
export function hashText(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return Math.imul(hash ^ 0xffff, 16_777_619);
}

/** The finaliser of MurmurHash3 (Appleby, 2011): every bit depends on every other, as counting needs it. */
export function mixed(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
