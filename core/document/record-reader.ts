import type { DatasetBuilder, DatasetBuilders, ExtractionCaps } from './dataset-builder.ts';
import { isRecord } from './foreign-object.ts';
import type { SelectedField, Selection } from './selection.ts';

/** One run over one response. */
export interface Extraction {
  readonly builders: DatasetBuilders;
  readonly caps: ExtractionCaps;
}

const TYPENAME = '__typename';
/** Keys inside JSON values are anybody's, and one stands in the path of every column below it; longer ones are cut. */
const MAX_KEY_CHARACTERS = 256;

/** Adds every object of the list as a record; nulls are skipped, other values counted as dropped. */
export function readRecords(
  extraction: Extraction,
  name: string,
  records: readonly unknown[],
  selection: Selection | null,
): void {
  const builder = extraction.builders.get(name, selection?.signature ?? '');
  if (!builder) return;
  for (const record of records) {
    if (!isRecord(record)) {
      if (record !== null) builder.dropRecord();
    } else if (builder.addRecord()) readObject(extraction, builder, record, selection, '', 0);
  }
}

function readObject(
  extraction: Extraction,
  builder: DatasetBuilder,
  object: Readonly<Record<string, unknown>>,
  selection: Selection | null,
  prefix: string,
  depth: number,
): void {
  for (const key of Object.keys(object)) {
    const field = selection?.byKey.get(key);
    const name = (field?.name ?? key).slice(0, MAX_KEY_CHARACTERS);
    if (name === TYPENAME) continue;
    readValue(extraction, builder, prefix === '' ? name : `${prefix}.${name}`, object[key], field, depth);
  }
}

/** Sets the cell or cells of one field of the current record; `field` is undefined where no selection names it. */
export function readValue(
  extraction: Extraction,
  builder: DatasetBuilder,
  path: string,
  value: unknown,
  field: SelectedField | undefined,
  depth: number,
): void {
  if (Array.isArray(value)) {
    if (isRecordList(value, field)) readRecords(extraction, `${builder.name}.${path}`, value, field?.selection ?? null);
    else builder.set(path, value);
  } else if (isRecord(value)) {
    const connection = connectionOf(value, field?.selection ?? null);
    if (connection) readRecords(extraction, `${builder.name}.${path}`, connection.records, connection.selection);
    else if (depth + 1 < extraction.caps.depth) {
      readObject(extraction, builder, value, field?.selection ?? null, path, depth + 1);
    } else builder.dropColumn(path);
  } else {
    builder.set(path, value as string | number | boolean | null);
    if (value === null && depth + 1 < extraction.caps.depth) readAbsentObject(builder, path, field?.selection ?? null);
  }
}

/** What was asked of an object that is null is missing, also where no other record of the response has the object. */
function readAbsentObject(builder: DatasetBuilder, path: string, selection: Selection | null): void {
  for (const { name, selection: nested } of selection?.fields ?? []) {
    if (nested === null && name !== TYPENAME) builder.set(`${path}.${name}`, undefined);
  }
}

/** A selection says whether a list holds records or is the value of a JSON scalar; without one its data says so. */
function isRecordList(list: readonly unknown[], field: SelectedField | undefined): boolean {
  return field ? field.selection !== null : list.some(isRecord);
}

export interface Connection {
  readonly records: readonly unknown[];
  readonly selection: Selection | null;
}

/** The nodes of a Relay connection, or undefined where the object is none. */
export function connectionOf(
  object: Readonly<Record<string, unknown>>,
  selection: Selection | null,
): Connection | undefined {
  const nodes = childNamed(object, selection, 'nodes');
  if (nodes && nodes.value.every(isRecordOrNull)) return { records: nodes.value, selection: nodes.selection };
  const edges = childNamed(object, selection, 'edges');
  if (!edges) return undefined;
  const nodeField = edges.selection?.fields.find((field) => field.name === 'node');
  if (edges.selection && !nodeField) return undefined;
  const nodeKey = nodeField?.key ?? 'node';
  if (!edges.value.every((edge) => isRecord(edge) && Object.hasOwn(edge, nodeKey))) return undefined;
  return {
    records: edges.value.map((edge) => (edge as Record<string, unknown>)[nodeKey]),
    selection: nodeField?.selection ?? null,
  };
}

function childNamed(
  object: Readonly<Record<string, unknown>>,
  selection: Selection | null,
  name: string,
): { readonly value: readonly unknown[]; readonly selection: Selection | null } | undefined {
  const field = selection?.fields.find((candidate) => candidate.name === name);
  if (selection && !field?.selection) return undefined;
  const key = field?.key ?? name;
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return Array.isArray(value) ? { value, selection: field?.selection ?? null } : undefined;
}

function isRecordOrNull(value: unknown): boolean {
  return value === null || isRecord(value);
}
