import {
  type DatasetBuilder,
  DatasetBuilders,
  DEFAULT_EXTRACTION_CAPS,
  type ExtractedDatasets,
  type ExtractionCaps,
  isRecord,
} from './dataset-builder.ts';
import type { SelectedField, Selection } from './selection.ts';

/**
 * The datasets of a GraphQL response: every list of records by the path of its field (`customers`, `customers.orders`),
 * aliases resolved. A single object is one record; a connection (`edges { node }` or `nodes`) is the list of its nodes;
 * objects inside a record become dotted columns; scalars at the root, nulls and `__typename` are no data.
 *
 * `selection` is null where the document could not be read; names are then the keys of the response.
 */
export function extractDatasets(
  data: unknown,
  selection: Selection | null,
  caps: ExtractionCaps = DEFAULT_EXTRACTION_CAPS,
): ExtractedDatasets {
  const builders = new DatasetBuilders(caps);
  if (isRecord(data)) {
    for (const key of Object.keys(data)) {
      const field = selection?.byKey.get(key);
      const name = field?.name ?? key;
      if (name === TYPENAME || INTROSPECTION.has(name)) continue;
      readRoot({ builders, caps }, name, data[key], field?.selection ?? null);
    }
  }
  return builders.build();
}

/** One record given by itself, as `POST /analyze/:id` has it. */
export function datasetOfRecord(
  name: string,
  record: Readonly<Record<string, unknown>>,
  caps: ExtractionCaps = DEFAULT_EXTRACTION_CAPS,
): ExtractedDatasets {
  const builders = new DatasetBuilders(caps);
  readRecords({ builders, caps }, name, [record], null);
  return builders.build();
}

const TYPENAME = '__typename';
const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type']);

interface Extraction {
  readonly builders: DatasetBuilders;
  readonly caps: ExtractionCaps;
}

function readRoot(extraction: Extraction, name: string, value: unknown, selection: Selection | null): void {
  if (Array.isArray(value)) readRecords(extraction, name, value, selection);
  else if (isRecord(value)) {
    const connection = connectionOf(value, selection);
    if (connection) readRecords(extraction, name, connection.records, connection.selection);
    else readRecords(extraction, name, [value], selection);
  }
}

function readRecords(
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
    const name = field?.name ?? key;
    if (name === TYPENAME) continue;
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const value = object[key];
    if (Array.isArray(value)) {
      if (isRecordList(value, selection, field)) {
        readRecords(extraction, `${builder.name}.${path}`, value, field?.selection ?? null);
      } else builder.set(path, value);
    } else if (isRecord(value)) {
      const connection = connectionOf(value, field?.selection ?? null);
      if (connection) readRecords(extraction, `${builder.name}.${path}`, connection.records, connection.selection);
      else if (depth + 1 < extraction.caps.depth) {
        readObject(extraction, builder, value, field?.selection ?? null, path, depth + 1);
      } else builder.dropColumn(path);
    } else {
      builder.set(path, value as string | number | boolean | null);
    }
  }
}

/** With a document the selection says whether a list holds records or is the value of a JSON scalar; else its data does. */
function isRecordList(list: readonly unknown[], parent: Selection | null, field: SelectedField | undefined): boolean {
  if (parent && field) return field.selection !== null;
  return list.some(isRecord);
}

interface Connection {
  readonly records: readonly unknown[];
  readonly selection: Selection | null;
}

/** The nodes of a Relay connection, or undefined where the object is none. */
function connectionOf(object: Readonly<Record<string, unknown>>, selection: Selection | null): Connection | undefined {
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
