import type { NdcRequest } from './demo-request.ts';
import type { MusicStore, Row } from './music-store.ts';
import type { Random } from './random.ts';

const CONNECTOR = 'music';

interface Collection {
  readonly name: string;
  readonly rows: (store: MusicStore) => readonly Row[];
  /** What analysts look at: nothing that names a person. */
  readonly columns: readonly string[];
  readonly numeric: string;
}

const COLLECTIONS: readonly Collection[] = [
  {
    name: 'invoices',
    rows: (store) => store.invoices,
    columns: [
      'invoiceId',
      'invoiceDate',
      'billingCity',
      'billingCountry',
      'currency',
      'paymentMethod',
      'status',
      'total',
    ],
    numeric: 'total',
  },
  {
    name: 'tracks',
    rows: (store) => store.tracks,
    columns: ['trackId', 'name', 'genre', 'mediaType', 'milliseconds', 'bytes', 'unitPrice', 'isExplicit'],
    numeric: 'milliseconds',
  },
  {
    name: 'invoice_lines',
    rows: (store) => store.invoiceLines,
    columns: ['invoiceLineId', 'invoiceId', 'trackId', 'unitPrice', 'quantity'],
    numeric: 'unitPrice',
  },
];

/** A question an analyst asks PromptQL: other columns, another filter each time, 20 to 60 rows or one aggregate. */
export function analystQuestion(store: MusicStore, random: Random): NdcRequest {
  const collection = random.pick(COLLECTIONS);
  const rows = collection.rows(store);
  const threshold = random.pick(rows)[collection.numeric] as number;
  const matching = rows.filter((row) => (row[collection.numeric] as number) >= threshold);
  const predicate = {
    type: 'binary_comparison_operator',
    column: { type: 'column', name: collection.numeric },
    operator: '_gte',
    value: { type: 'scalar', value: threshold },
  };
  if (random.chance(0.25)) return aggregateOf(collection, matching, predicate);

  const columns = collection.columns.filter((name) => name === collection.numeric || random.chance(0.6));
  const limit = random.integer(2, 6) * 10;
  return {
    kind: 'ndc',
    connector: CONNECTOR,
    request: requestOf(collection.name, {
      fields: fieldsOf(columns),
      limit,
      order_by: { elements: [{ order_direction: 'desc', target: { type: 'column', name: columns[0], path: [] } }] },
      predicate,
    }),
    response: [
      {
        rows: descending(matching, columns[0] as string)
          .slice(0, limit)
          .map((row) => aliased(row, columns)),
      },
    ],
  };
}

/** The nightly export: page after page of all invoices, the same shape every night. */
export function exportPage(store: MusicStore, offset: number, limit: number): NdcRequest {
  const columns = ['invoiceId', 'customerId', 'invoiceDate', 'currency', 'total'];
  return {
    kind: 'ndc',
    connector: CONNECTOR,
    request: requestOf('invoices', {
      fields: fieldsOf(columns),
      limit,
      offset,
      order_by: { elements: [{ order_direction: 'asc', target: { type: 'column', name: 'invoiceId', path: [] } }] },
    }),
    response: [{ rows: store.invoices.slice(offset, offset + limit).map((row) => aliased(row, columns)) }],
  };
}

/** The nightly job's look-up of one customer after the other, by ascending id: what it always does. */
export function lookUpCustomer(store: MusicStore, customerId: number): NdcRequest {
  const columns = ['customerId', 'country', 'supportRepId', 'newsletter'];
  return {
    kind: 'ndc',
    connector: CONNECTOR,
    request: requestOf('customers', {
      fields: fieldsOf(columns),
      predicate: {
        type: 'binary_comparison_operator',
        column: { type: 'column', name: 'customerId' },
        operator: '_eq',
        value: { type: 'scalar', value: customerId },
      },
    }),
    response: [{ rows: store.customers.slice(customerId - 1, customerId).map((row) => aliased(row, columns)) }],
  };
}

function aggregateOf(collection: Collection, rows: readonly Row[], predicate: unknown): NdcRequest {
  const sum = rows.reduce((total, row) => total + (row[collection.numeric] as number), 0);
  return {
    kind: 'ndc',
    connector: CONNECTOR,
    request: requestOf(collection.name, {
      aggregates: {
        count: { type: 'star_count' },
        mean: { type: 'single_column', column: collection.numeric, function: 'avg' },
      },
      predicate,
    }),
    response: [{ aggregates: { count: rows.length, mean: rows.length === 0 ? null : sum / rows.length } }],
  };
}

function requestOf(collection: string, query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { collection, query, arguments: {}, collection_relationships: {} };
}

/** The engine names the fields of a request itself. */
function fieldsOf(columns: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(columns.map((column) => [`f_${column}`, { type: 'column', column, fields: null }]));
}

function aliased(row: Row, columns: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(columns.map((column) => [`f_${column}`, row[column] ?? null]));
}

function descending(rows: readonly Row[], column: string): readonly Row[] {
  const key = (row: Row): string | number => {
    const value = row[column];
    return typeof value === 'number' || typeof value === 'string' ? value : 0;
  };
  return rows.toSorted((a, b) => (key(a) < key(b) ? 1 : key(a) > key(b) ? -1 : 0));
}
