import type {
  Aggregate,
  CollectionInfo,
  Expression,
  Field,
  ForeignKeyConstraint,
  ObjectField,
  OrderByElement,
  Query,
  QueryRequest,
  Relationship,
  RowSet,
  SchemaResponse,
} from '@hasura/ndc-sdk-typescript';
import { createPrng } from '../../core/detection/statistics/prng.ts';
import { checkQueryResponse, rowTypeOf } from './ndc-response-check.ts';
import { call } from './http.ts';

/**
 * The generated tests of the official `ndc-test` (specification 0.2.13), restated in TypeScript so that conformance
 * needs no Rust toolchain. Six families per collection; another seed makes other cases, a higher complexity wider ones.
 */
export interface ConformanceOptions {
  readonly url: string;
  readonly seed: number;
  /** Generated requests per family and collection. */
  readonly cases?: number;
  /** Rows read to find values for predicates, and the largest limit. */
  readonly sampleSize?: number;
  /** More fields in predicates, more sort keys, more aggregates. */
  readonly complexity?: number;
}

export const FAMILIES = {
  'select all columns': testSelect,
  predicates: testPredicates,
  sorting: testSorting,
  relationships: testRelationships,
  aggregates: testAggregates,
  grouping: testGrouping,
} as const satisfies Record<string, (context: CollectionContext) => Promise<void>>;

export type Family = keyof typeof FAMILIES;

/** One collection under test with what was sampled from it. */
interface CollectionContext {
  readonly schema: SchemaResponse;
  readonly collection: CollectionInfo;
  readonly fields: Readonly<Record<string, ObjectField>>;
  /** Sampled values that are not null, by column. */
  readonly samples: ReadonlyMap<string, readonly unknown[]>;
  readonly sent: { requests: number };
  readonly random: Random;
  readonly options: Required<ConformanceOptions>;
}

/**
 * Runs the families over every collection; throws at the first fault with the request that shows it.
 * Resolves with the number of requests per family, so that a caller can see that something was tested.
 */
export async function runConformance(options: ConformanceOptions): Promise<Record<Family, number>> {
  const full = { cases: 10, sampleSize: 10, complexity: 1, ...options };
  const schema = (await call(full.url, { path: '/schema', headers: VERSION })).json as SchemaResponse;
  const counts = Object.fromEntries(Object.keys(FAMILIES).map((family) => [family, 0])) as Record<Family, number>;
  for (const collection of schema.collections.filter((each) => Object.keys(each.arguments).length === 0)) {
    const context = await sample(schema, collection, full);
    for (const family of Object.keys(FAMILIES) as Family[]) {
      const before = context.sent.requests;
      await FAMILIES[family](context);
      counts[family] += context.sent.requests - before;
    }
  }
  return counts;
}

const VERSION = { 'x-hasura-ndc-version': '0.2.13' };

async function post(
  context: Pick<CollectionContext, 'schema' | 'options' | 'sent'>,
  request: QueryRequest,
): Promise<RowSet[]> {
  context.sent.requests++;
  const answer = await call(context.options.url, { path: '/query', headers: VERSION, body: request });
  try {
    if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.text}`);
    return checkQueryResponse(context.schema, request, answer.json);
  } catch (error) {
    throw new Error(`${(error as Error).message}\nrequest: ${JSON.stringify(request)}`, { cause: error });
  }
}

/** Asks twice and demands the same answer: without `order_by` the order is free, but not a matter of luck. */
async function ask(context: CollectionContext, query: Query, extra: Partial<QueryRequest> = {}): Promise<RowSet> {
  const request = { collection: context.collection.name, arguments: {}, collection_relationships: {}, query, ...extra };
  const [first] = await post(context, request);
  const [second] = await post(context, request);
  if (rounded(first) !== rounded(second)) {
    const answers = `${JSON.stringify(first)}\n${JSON.stringify(second)}`.slice(0, 2_000);
    throw new Error(`two answers to one request differ:\n${answers}\nrequest: ${JSON.stringify(request)}`);
  }
  return first as RowSet;
}

/**
 * Sums of floats depend on the order of the rows in their last digit, and MariaDB reads rows in an order of its own each
 * time: twelve significant digits are compared.
 */
function rounded(answer: unknown): string {
  return JSON.stringify(answer, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(12)) : value,
  );
}

async function sample(
  schema: SchemaResponse,
  collection: CollectionInfo,
  options: Required<ConformanceOptions>,
): Promise<CollectionContext> {
  const fields = schema.object_types[collection.type]?.fields as Record<string, ObjectField>;
  const request = {
    collection: collection.name,
    arguments: {},
    collection_relationships: {},
    query: { fields: selectionOf(Object.keys(fields)), limit: options.sampleSize },
  };
  const sent = { requests: 0 };
  const [rowSet] = await post({ schema, options, sent }, request);
  const rows = rowSet?.rows ?? [];
  // The official suite skips what is empty, and then proves nothing.
  if (rows.length === 0) throw new Error(`${collection.name} has no rows to test with`);
  const samples = new Map(
    Object.keys(fields).map((name) => [name, rows.map((row) => row[name]).filter((value) => value !== null)]),
  );
  return { schema, collection, fields, samples, sent, random: createRandom(options.seed), options };
}

async function testSelect(context: CollectionContext): Promise<void> {
  const { options, fields } = context;
  await ask(context, { fields: selectionOf(Object.keys(fields)), limit: options.sampleSize });
  await ask(context, { fields: {}, limit: options.sampleSize });
}

async function testPredicates(context: CollectionContext): Promise<void> {
  const { options, fields } = context;
  const selection = selectionOf(Object.keys(fields));
  const limit = options.sampleSize;
  const everything = await ask(context, { fields: selection, limit });
  const emptyAnd = await ask(context, { fields: selection, limit, predicate: { type: 'and', expressions: [] } });
  const emptyOr = await ask(context, { fields: selection, limit, predicate: { type: 'or', expressions: [] } });
  if (JSON.stringify(everything) !== JSON.stringify(emptyAnd)) throw new Error('an empty "and" is not "no predicate"');
  if (emptyOr.rows?.length !== 0) throw new Error('an empty "or" returns rows');

  for (let i = 0; i < options.cases; i++) {
    const generated = predicateOf(context);
    if (!generated) continue;
    const { rows } = await ask(context, { fields: selection, limit, predicate: generated.predicate });
    if (generated.mustMatch && rows?.length === 0) {
      throw new Error(
        `${context.collection.name}: a sampled value is not found by ${JSON.stringify(generated.predicate)}`,
      );
    }
  }
}

async function testSorting(context: CollectionContext): Promise<void> {
  const { options, random, schema, fields } = context;
  const sortable = Object.keys(fields).filter((name) => scalarOf(schema, fields[name] as ObjectField));
  for (let i = 0; i < options.cases && sortable.length > 0; i++) {
    const elements = random.some(sortable, 1, options.complexity).map((name): OrderByElement => ({
      order_direction: random.pick(['asc', 'desc'] as const),
      target: { type: 'column', name, path: [] },
    }));
    const selected = random.some(Object.keys(fields), 0, Object.keys(fields).length);
    await ask(context, {
      fields: selectionOf(selected),
      limit: random.count(options.sampleSize),
      order_by: { elements },
    });
  }
}

async function testRelationships(context: CollectionContext): Promise<void> {
  const { schema, collection, fields } = context;
  for (const [name, key] of Object.entries(schema.object_types[collection.type]?.foreign_keys ?? {})) {
    await testObjectRelationship(context, name, key);
    await testArrayRelationship(context, name, key, Object.keys(fields));
  }
}

async function testObjectRelationship(
  context: CollectionContext,
  name: string,
  key: ForeignKeyConstraint,
): Promise<void> {
  const { schema, fields, options } = context;
  const targetFields = Object.keys(fieldsOf(schema, key.foreign_collection));
  const relationship: Relationship = {
    column_mapping: key.column_mapping,
    relationship_type: 'object',
    target_collection: key.foreign_collection,
    arguments: {},
  };
  await ask(
    context,
    {
      fields: { ...selectionOf(Object.keys(fields)), [name]: related(name, targetFields, options.sampleSize) },
      limit: options.sampleSize,
    },
    { collection_relationships: { [name]: relationship } },
  );
}

async function testArrayRelationship(
  context: CollectionContext,
  name: string,
  key: ForeignKeyConstraint,
  sourceFields: readonly string[],
): Promise<void> {
  const { schema, collection, options } = context;
  const relationship: Relationship = {
    column_mapping: Object.fromEntries(
      Object.entries(key.column_mapping).map(([source, target]) => [target[0] as string, [source]]),
    ),
    relationship_type: 'array',
    target_collection: collection.name,
    arguments: {},
  };
  const target = { collection: key.foreign_collection, collection_relationships: { [name]: relationship } };
  const selection = selectionOf(Object.keys(fieldsOf(schema, key.foreign_collection)));
  await ask(
    context,
    { fields: { ...selection, [name]: related(name, sourceFields, options.sampleSize) }, limit: options.sampleSize },
    target,
  );
  const generated = predicateOf(context);
  await ask(
    context,
    {
      fields: selection,
      limit: options.sampleSize,
      predicate: {
        type: 'exists',
        in_collection: { type: 'related', relationship: name, arguments: {} },
        ...(generated ? { predicate: generated.predicate } : {}),
      },
    },
    target,
  );
}

async function testAggregates(context: CollectionContext): Promise<void> {
  const { fields, random, options } = context;
  const counts: Record<string, Aggregate> = { star: { type: 'star_count' } };
  for (const column of Object.keys(fields)) {
    counts[`${column}_count`] = { type: 'column_count', column, distinct: false };
    counts[`${column}_distinct`] = { type: 'column_count', column, distinct: true };
  }
  const { aggregates } = await ask(context, { aggregates: counts, limit: options.sampleSize });
  const star = aggregates?.['star'] as number;
  for (const column of Object.keys(fields)) {
    const count = aggregates?.[`${column}_count`] as number;
    const distinct = aggregates?.[`${column}_distinct`] as number;
    if (!(distinct <= count && count <= star))
      throw new Error(`${column}: ${distinct} distinct of ${count} of ${star}`);
  }
  if (star > options.sampleSize) throw new Error(`the limit does not bound the count: ${star}`);

  const functions = aggregateFunctionsOf(context);
  for (let i = 0; i < options.cases; i++) {
    const chosen = random.some(functions, 0, 5 * options.complexity);
    const asked = Object.fromEntries(chosen.map((aggregate, index) => [`a${index}`, aggregate]));
    await ask(context, { aggregates: asked, limit: random.count(options.sampleSize) });
  }
}

async function testGrouping(context: CollectionContext): Promise<void> {
  const { schema, fields, random, options, collection } = context;
  const groupable = Object.keys(fields).filter((name) => {
    const { type } = fields[name] as ObjectField;
    return type.type === 'named' && type.name in schema.scalar_types;
  });
  for (let i = 0; i < options.cases && groupable.length > 0; i++) {
    const column = random.pick(groupable);
    const extractions = Object.keys(scalarOf(schema, fields[column] as ObjectField)?.extraction_functions ?? {});
    for (const extraction of [undefined, ...extractions]) {
      const { groups } = await ask(context, {
        groups: {
          dimensions: [
            { type: 'column', column_name: column, path: [], ...(extraction === undefined ? {} : { extraction }) },
          ],
          aggregates: { rows: { type: 'star_count' } },
        },
      });
      const { aggregates } = await ask(context, { aggregates: { rows: { type: 'star_count' } } });
      const sum = (groups ?? []).reduce((total, group) => total + (group.aggregates['rows'] as number), 0);
      if (sum !== aggregates?.['rows']) throw new Error(`${collection.name} by ${column}: groups do not add up`);
    }
  }
}

/** `is_null` on nullable columns, `equal` with a sampled value, `in` with up to two; wider with more complexity. */
function predicateOf(context: CollectionContext): { predicate: Expression; mustMatch: boolean } | undefined {
  const { random, fields, options } = context;
  const parts = random.some(Object.keys(fields), 1, options.complexity).flatMap((name) => comparisonsOf(context, name));
  if (parts.length === 0) return undefined;
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const type = random.pick(['and', 'or'] as const);
  return {
    predicate: { type, expressions: parts.map(({ predicate }) => predicate) },
    mustMatch: type === 'or' && parts.some(({ mustMatch }) => mustMatch),
  };
}

function comparisonsOf(context: CollectionContext, name: string): { predicate: Expression; mustMatch: boolean }[] {
  const { schema, fields, samples, random } = context;
  const field = fields[name] as ObjectField;
  const column = { type: 'column', name } as const;
  const values = samples.get(name) ?? [];
  const operators = Object.entries(scalarOf(schema, field)?.comparison_operators ?? {});
  const choices: { predicate: Expression; mustMatch: boolean }[] = [];
  if (field.type.type === 'nullable') {
    choices.push({
      predicate: { type: 'unary_comparison_operator', column, operator: 'is_null' },
      mustMatch: false,
    });
  }
  for (const [operator, { type }] of operators) {
    const value = type === 'equal' && values.length > 0 ? random.pick(values) : random.some(values, 0, 2);
    if ((type === 'equal' && values.length > 0) || type === 'in') {
      choices.push({
        predicate: { type: 'binary_comparison_operator', column, operator, value: { type: 'scalar', value } },
        mustMatch: type === 'equal',
      });
    }
  }
  return choices.length === 0 ? [] : [random.pick(choices)];
}

function aggregateFunctionsOf({ schema, fields }: CollectionContext): Aggregate[] {
  return Object.entries(fields).flatMap(([column, field]) =>
    Object.keys(scalarOf(schema, field)?.aggregate_functions ?? {}).map((name): Aggregate => ({
      type: 'single_column',
      column,
      function: name,
    })),
  );
}

function selectionOf(columns: readonly string[]): Record<string, Field> {
  return Object.fromEntries(columns.map((column) => [column, { type: 'column', column }]));
}

function related(relationship: string, columns: readonly string[], limit: number): Field {
  return { type: 'relationship', relationship, arguments: {}, query: { fields: selectionOf(columns), limit } };
}

function fieldsOf(schema: SchemaResponse, collection: string): Record<string, ObjectField> {
  return schema.object_types[rowTypeOf(schema, collection)]?.fields as Record<string, ObjectField>;
}

/** The scalar of a field whose possibly nullable type names one; undefined for objects and lists. */
function scalarOf(schema: SchemaResponse, field: ObjectField): SchemaResponse['scalar_types'][string] | undefined {
  const type = field.type.type === 'nullable' ? field.type.underlying_type : field.type;
  return type.type === 'named' ? schema.scalar_types[type.name] : undefined;
}

interface Random {
  /** 1 to `most`. */
  count(most: number): number;
  pick<T>(items: readonly T[]): T;
  /** Between `least` and `most` different items, as far as there are so many. */
  some<T>(items: readonly T[], least: number, most: number): T[];
}

function createRandom(seed: number): Random {
  const prng = createPrng(`ndc-conformance ${seed}`);
  return {
    count: (most) => 1 + prng.integer(most),
    pick: <T>(items: readonly T[]) => items[prng.integer(items.length)] as T,
    some: (items, least, most) => {
      const rest = [...items];
      const wanted = Math.min(rest.length, least + prng.integer(most - least + 1));
      return Array.from(
        { length: wanted },
        () => rest.splice(prng.integer(rest.length), 1)[0] as (typeof rest)[number],
      );
    },
  };
}
