import {
  DatasetBuilders,
  DEFAULT_EXTRACTION_CAPS,
  type ExtractedDatasets,
  type ExtractionCaps,
} from './dataset-builder.ts';
import { SCHEMA_FIELDS } from '../domain/query-shape.ts';
import { isRecord } from './foreign-object.ts';
import { type Extraction, connectionOf, readRecords } from './record-reader.ts';
import type { Selection } from './selection.ts';

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
      if (name === TYPENAME || SCHEMA_FIELDS.has(name)) continue;
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

function readRoot(extraction: Extraction, name: string, value: unknown, selection: Selection | null): void {
  if (Array.isArray(value)) readRecords(extraction, name, value, selection);
  else if (isRecord(value)) {
    const connection = connectionOf(value, selection);
    if (connection) readRecords(extraction, name, connection.records, connection.selection);
    else readRecords(extraction, name, [value], selection);
  }
}
