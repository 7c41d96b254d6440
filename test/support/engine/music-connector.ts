import Fastify from 'fastify';
import { type ScalarKind, nullable, scalar } from '../../../core/domain/kind.ts';
import { DomainError } from '../../../core/domain/errors.ts';
import { JsonNode } from '../../../connector/json-node.ts';
import { parseQueryRequest } from '../../../connector/parse-query.ts';
import { schemaResponse } from '../../../connector/schema-response.ts';
import type { Catalogue, CollectionDef, ColumnDef, ForeignKeyDef } from '../../../schema/catalogue.ts';
import { evaluateInMemory } from '../../../schema/query/evaluate-in-memory.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';

type Row = Readonly<Record<string, string | number | boolean | null>>;

/** The customers' own data: what the service guards in the end-to-end tests. */
export interface MusicConnector {
  readonly url: string;
  /** Bodies of the queries it answered, oldest first. */
  readonly queries: readonly unknown[];
  readonly tables: ReadonlyMap<string, Row[]>;
  close(): Promise<void>;
}

const column = (name: string, kind: ScalarKind, canBeNull = false): ColumnDef => ({
  name,
  kind,
  nullable: canBeNull,
  type: canBeNull ? nullable(scalar(kind)) : scalar(kind),
  description: `The ${name.replaceAll('_', ' ')}.`,
});

function collection(
  name: string,
  columns: readonly ColumnDef[],
  foreignKeys: Readonly<Record<string, ForeignKeyDef>> = {},
): [string, CollectionDef] {
  const rowType = name.replace(/s$/, '');
  return [
    name,
    {
      name,
      rowType,
      description: `One row per ${rowType}.`,
      columns,
      primaryKey: ['id'],
      uniqueConstraints: new Map([[`${name}_by_id`, ['id']]]),
      foreignKeys: new Map(Object.entries(foreignKeys)),
      backing: { type: 'table', table: name },
    },
  ];
}

const CATALOGUE: Catalogue = {
  collections: new Map([
    collection('customers', [
      column('id', 'int32'),
      column('name', 'string'),
      column('ssn', 'string', true),
      column('phone', 'string', true),
      column('country', 'string'),
    ]),
    collection(
      'invoices',
      [column('id', 'int32'), column('customer_id', 'int32'), column('total', 'float64'), column('paid', 'boolean')],
      {
        customer: {
          target: 'customers',
          mapping: { customer_id: 'id' },
          objectName: 'customer',
          arrayName: 'invoices',
        },
      },
    ),
    collection('artists', [column('id', 'int32'), column('name', 'string')]),
    collection('albums', [column('id', 'int32'), column('artist_id', 'int32'), column('title', 'string')], {
      artist: { target: 'artists', mapping: { artist_id: 'id' }, objectName: 'artist', arrayName: 'albums' },
    }),
  ]),
};

const CUSTOMERS = 60;
const INVOICES = 240;

function musicTables(): Map<string, Row[]> {
  const list = (length: number, make: (id: number) => Row) => Array.from({ length }, (_, index) => make(index + 1));
  return new Map([
    [
      'customers',
      list(CUSTOMERS, (id) => ({
        id,
        name: `Customer ${id}`,
        ssn: `${100 + id}-${10 + (id % 80)}-${1_000 + id * 7}`,
        phone: id % 9 === 0 ? null : `+43 1 ${500_000 + id * 113}`,
        country: ['AT', 'CH', 'DE'][id % 3] as string,
      })),
    ],
    [
      'invoices',
      list(INVOICES, (id) => ({
        id,
        customer_id: 1 + (id % CUSTOMERS),
        total: 20 + ((id * 7_919) % 1_000) / 10,
        paid: id % 3 !== 0,
      })),
    ],
    ['artists', list(8, (id) => ({ id, name: `Artist ${id}` }))],
    ['albums', list(20, (id) => ({ id, artist_id: 1 + (id % 8), title: `Album ${id}` }))],
  ]);
}

/** A connector over tables in memory, for queries only; its evaluator is the one our databases are compared with. */
export async function startMusicConnector(): Promise<MusicConnector> {
  const engine = createQueryEngine(CATALOGUE);
  const tables = musicTables();
  const queries: unknown[] = [];
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    const message = error instanceof Error ? error.message : String(error);
    return reply.code(error instanceof DomainError ? 400 : 500).send({ message, details: null });
  });
  app.get('/schema', () => schemaResponse(CATALOGUE, { verbs: new Map(), objects: [] }));
  app.post('/query', (request) => {
    queries.push(request.body);
    const { collection: name, query, relationships, variables } = parseQueryRequest(new JsonNode(request.body));
    return evaluateInMemory(engine, tables, {
      collection: name,
      query,
      relationships,
      ...(variables && { variables }),
    });
  });
  return {
    url: await app.listen({ host: '127.0.0.1', port: 0 }),
    queries,
    tables,
    close: () => app.close(),
  };
}
