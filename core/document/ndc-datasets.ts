import {
  DatasetBuilders,
  DEFAULT_EXTRACTION_CAPS,
  type ExtractedDatasets,
  type ExtractionCaps,
} from './dataset-builder.ts';
import { isRecord, listProperty, property } from './foreign-object.ts';
import type { NdcColumnField, NdcQuery } from './ndc-query.ts';
import type { NdcRequestReading } from './ndc-request.ts';
import { type Extraction, readRecords, readValue } from './record-reader.ts';
import type { SelectedField } from './selection.ts';

/**
 * The datasets of an NDC response, named `connector.collection`; rows of a relationship belong to the collection it
 * leads to. The engine's aliases are resolved to columns by the request. Row sets of all variable sets are one dataset.
 * Aggregates and groups are numbers about records and are not taken for records.
 */
export function extractNdcDatasets(
  reading: NdcRequestReading,
  response: unknown,
  caps: ExtractionCaps = DEFAULT_EXTRACTION_CAPS,
): ExtractedDatasets {
  const builders = new DatasetBuilders(caps);
  const extraction = { builders, caps, connector: reading.connector };
  if (reading.operation === 'query') {
    const [root] = reading.roots;
    if (root?.kind === 'query') for (const rowSet of rowSetsOf(response)) readRowSet(extraction, root.query, rowSet);
  } else {
    const results = listProperty(response, 'operation_results');
    for (const [index, root] of reading.roots.entries()) {
      if (root.kind === 'procedure') readResult(extraction, root.name, root.field, property(results[index], 'result'));
    }
  }
  return builders.build();
}

/** A query response is a list of row sets; the documentation of the hooks shows a bare one. */
export function rowSetsOf(response: unknown): readonly unknown[] {
  if (Array.isArray(response)) return response;
  return isRecord(response) ? [response] : [];
}

interface NdcExtraction extends Extraction {
  readonly connector: string;
}

function readRowSet(extraction: NdcExtraction, query: NdcQuery, rowSet: unknown): void {
  const rows = property(rowSet, 'rows');
  if (!Array.isArray(rows)) return;
  const columns = query.fields.filter((field) => field.kind === 'column');
  const relationships = query.fields.filter((field) => field.kind === 'relationship');
  const signature = columns
    .map(({ column }) => column)
    .sort()
    .join(' ');
  const builder = extraction.builders.get(`${extraction.connector}.${query.collection}`, signature);
  if (!builder) return;
  const selected = columns.map((field) => [field.alias, selectedField(field)] as const);
  for (const row of rows) {
    if (!isRecord(row)) builder.dropRecord();
    else if (builder.addRecord()) {
      for (const [alias, field] of selected) {
        if (Object.hasOwn(row, alias)) readValue(extraction, builder, field.name, row[alias], field, 0);
      }
    }
  }
  // Related rows come after all rows of their parent: a collection may be related to itself, and then shares a builder.
  for (const { alias, query: related } of relationships) {
    for (const row of rows) readRowSet(extraction, related, property(row, alias));
  }
}

/** The result of a procedure: an object or a list of them; scalars are no data. */
function readResult(extraction: NdcExtraction, name: string, { selection }: NdcColumnField, result: unknown): void {
  const records = Array.isArray(result) ? result : [result];
  if (records.some(isRecord)) readRecords(extraction, `${extraction.connector}.${name}`, records, selection);
}

function selectedField(field: NdcColumnField): SelectedField {
  return { key: field.alias, name: field.column, arguments: new Map(), directives: [], selection: field.selection };
}
