import type { NdcRequest } from './demo-request.ts';
import type { MusicStore, Row } from './music-store.ts';
import type { Random } from './random.ts';

const CONNECTOR = 'music';

interface Collection {
  readonly name: string;
  readonly rows: (store: MusicStore) => readonly Row[];
  /** What analysts look at: nothing that names a person. */
  readonly columns: readonly string[];
  readonly orderedBy: string;
  readonly filter: string;
  readonly average: string;
}

const COLLECTIONS: readonly Collection[] = [
  {
    name: 'invoices',
    rows: (store) => store.invoices,
    columns: ['invoiceId', 'billingCity', 'billingCountry', 'currency', 'paymentMethod', 'status', 'total'],
    orderedBy: 'reference',
    filter: 'status',
    average: 'total',
  },
  {
    name: 'tracks',
    rows: (store) => store.tracks,
    columns: ['trackId', 'genre', 'mediaType', 'milliseconds', 'bytes', 'unitPrice', 'isExplicit'],
    orderedBy: 'name',
    filter: 'isExplicit',
    average: 'milliseconds',
  },
  {
    name: 'customers',
    rows: (store) => store.customers,
    columns: ['customerId', 'country', 'state', 'supportRepId', 'newsletter'],
    orderedBy: 'customerId',
    filter: 'newsletter',
    average: 'customerId',
  },
];

/** A question an analyst asks PromptQL: other columns, another filter each time, 20 to 60 rows or one aggregate. */
export function analystQuestion(store: MusicStore, random: Random): NdcRequest {
  const collection = random.pick(COLLECTIONS);
  const rows = collection.rows(store);
  const wanted = random.pick(rows)[collection.filter];
  const predicate = {
    type: 'binary_comparison_operator',
    column: { type: 'column', name: collection.filter },
    operator: '_eq',
    value: { type: 'scalar', value: wanted },
  };
  const isFiltered = random.chance(0.6);
  const matching = isFiltered ? rows.filter((row) => row[collection.filter] === wanted) : rows;
  const filter = isFiltered ? { predicate } : {};
  if (random.chance(0.25)) return aggregateOf(collection, matching, filter);

  const columns = collection.columns.filter(() => random.chance(0.65));
  if (columns.length === 0) columns.push(collection.filter);
  const limit = random.integer(2, 6) * 10;
  const offset = random.integer(0, 5) * 20;
  return {
    kind: 'ndc',
    connector: CONNECTOR,
    request: requestOf(collection.name, {
      fields: fieldsOf(columns),
      limit,
      offset,
      order_by: {
        elements: [{ order_direction: 'asc', target: { type: 'column', name: collection.orderedBy, path: [] } }],
      },
      ...filter,
    }),
    response: [
      {
        rows: ascending(matching, collection.orderedBy)
          .slice(offset, offset + limit)
          .map((row) => aliased(row, columns)),
      },
    ],
  };
}

/** The nightly export: page after page of the customers, the same shape every night. */
export function exportPage(store: MusicStore, offset: number, limit: number): NdcRequest {
  const columns = ['customerId', 'city', 'country', 'supportRepId', 'newsletter'];
  return {
    kind: 'ndc',
    connector: CONNECTOR,
    request: requestOf('customers', {
      fields: fieldsOf(columns),
      limit,
      offset,
      order_by: { elements: [{ order_direction: 'asc', target: { type: 'column', name: 'customerId', path: [] } }] },
    }),
    response: [{ rows: store.customers.slice(offset, offset + limit).map((row) => aliased(row, columns)) }],
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

function aggregateOf(
  { name, average }: Collection,
  rows: readonly Row[],
  filter: Readonly<Record<string, unknown>>,
): NdcRequest {
  const sum = rows.reduce((total, row) => total + (row[average] as number), 0);
  return {
    kind: 'ndc',
    connector: CONNECTOR,
    request: requestOf(name, {
      aggregates: {
        count: { type: 'star_count' },
        mean: { type: 'single_column', column: average, function: 'avg' },
      },
      ...filter,
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

function ascending(rows: readonly Row[], column: string): readonly Row[] {
  const key = (row: Row): string | number => {
    const value = row[column];
    return typeof value === 'number' || typeof value === 'string' ? value : 0;
  };
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
