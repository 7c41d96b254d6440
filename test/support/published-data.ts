import Database from 'better-sqlite3';
import pg from 'pg';
import type { ScalarKind, ValueType } from '../../core/domain/kind.ts';
import { CATALOGUE } from '../../schema/collections.ts';
import type { Catalogue, CollectionDef, ColumnDef, DialectName } from '../../schema/catalogue.ts';
import { CODECS } from '../../schema/store/codec.ts';
import { openMariadbClient, type TestDatabase } from './stores.ts';

const ROWS_PER_TABLE = 12;
const FIRST_INSTANT = Date.UTC(2026, 0, 31, 22, 15, 30, 250);
const STEP_MS = 7 * 3_600_000 + 1_234_567;

/** Columns that storage demands and no surface shows: what the views over them expand, or a text. */
const UNPUBLISHED: Readonly<Record<string, Readonly<Record<string, (index: number) => unknown>>>> = {
  field_statistics: {
    top_values: (index) =>
      JSON.stringify([
        { value: `v${index}`, count: 2 },
        { value: 'other', count: 1 },
      ]),
  },
  request_log: { delivery_key: (index) => `delivery-${index}` },
  trained_models: { model: (index) => `model ${index}` },
};

/** Columns that refer to rows without a declared foreign key, or that views select by. */
const SPECIAL: Readonly<Record<string, Readonly<Record<string, (index: number) => unknown>>>> = {
  traffic_metrics: {
    query_id: (index) => textOf('query_patterns', 'query_id', index),
    // Programs are counted by rule only.
    source: (index) => ['graphql', 'ndc', 'program', 'client'][index % 3 === 0 ? index % 4 : index % 2],
    rule_key: (index) => (index % 3 === 0 ? 'ddn.stop' : ''),
  },
};

/** Fills every published table of a migrated database: nulls in every nullable column, every row of every parent used. */
export async function fillPublishedTables(database: TestDatabase): Promise<void> {
  const { location } = database;
  if (location.dialect === 'sqlite') {
    const connection = new Database(location.path);
    connection.pragma('foreign_keys = on');
    for (const { sql, values } of inserts(CATALOGUE, 'sqlite')) connection.prepare(sql).run(...values);
    connection.close();
    return;
  }
  if (location.dialect === 'mariadb') {
    const connection = await openMariadbClient(location.url);
    for (const { sql, values } of inserts(CATALOGUE, 'mariadb')) await connection.query(sql, [...values]);
    await connection.end();
    return;
  }
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (const { sql, values } of inserts(CATALOGUE, 'postgresql')) await client.query(sql, [...values]);
  await client.end();
}

interface Insert {
  readonly sql: string;
  readonly values: readonly unknown[];
}

function* inserts(catalogue: Catalogue, dialect: DialectName): Generator<Insert> {
  for (const collection of parentsFirst(catalogue)) {
    if (collection.backing.type !== 'table') continue;
    const { table } = collection.backing;
    const hidden = Object.entries(UNPUBLISHED[collection.name] ?? {});
    const names = [...collection.columns.map(({ name }) => name), ...hidden.map(([name]) => name)];
    const placeholders = names.map((_, index) => (dialect === 'postgresql' ? `$${index + 1}` : '?'));
    const quote = dialect === 'mariadb' ? '`' : '"';
    const quoted = names.map((name) => `${quote}${name}${quote}`);
    const sql = `insert into ${table} (${quoted.join(', ')}) values (${placeholders.join(', ')})`;
    for (let index = 0; index < ROWS_PER_TABLE; index++) {
      const shown = collection.columns.map((column) => stored(dialect, column, valueOf(collection, column, index)));
      yield { sql, values: [...shown, ...hidden.map(([, make]) => make(index))] };
    }
  }
}

function parentsFirst(catalogue: Catalogue): CollectionDef[] {
  const ordered = new Set<CollectionDef>();
  const visit = (collection: CollectionDef): void => {
    if (ordered.has(collection)) return;
    for (const { target } of collection.foreignKeys.values()) {
      const parent = catalogue.collections.get(target);
      if (parent && parent !== collection) visit(parent);
    }
    ordered.add(collection);
  };
  for (const collection of catalogue.collections.values()) visit(collection);
  return [...ordered];
}

/** The wire form of a cell, by its place alone: whoever refers to a row can compute its key. */
function valueOf(collection: CollectionDef, column: ColumnDef, index: number): unknown {
  const special = SPECIAL[collection.name]?.[column.name];
  if (special) return special(index);
  if (column.nullable && (index + column.name.length) % 3 === 0) return null;
  for (const { target, mapping } of collection.foreignKeys.values()) {
    const parentColumn = mapping[column.name];
    if (parentColumn === undefined) continue;
    const parent = CATALOGUE.collections.get(target) as CollectionDef;
    return valueOf(
      parent,
      parent.columns.find(({ name }) => name === parentColumn) as ColumnDef,
      (index * 5) % ROWS_PER_TABLE,
    );
  }
  if (column.values) return column.values[index % column.values.length];
  if (column.kind === 'json') return composite(column.type, column.name, index);
  const isKey = [...collection.uniqueConstraints.values()].some((columns) => columns.includes(column.name));
  return isKey ? KEY_VALUES[column.kind](collection.name, column.name, index) : VALUES[column.kind](column.name, index);
}

/** A value of a composite, deep as its type; lists of no, one and two elements. */
function composite(type: ValueType, name: string, index: number): unknown {
  switch (type.type) {
    case 'nullable':
      return composite(type.of, name, index);
    case 'list':
      return Array.from({ length: index % 3 }, (_, n) => composite(type.of, name, index + n));
    case 'object': {
      const fields = CATALOGUE.objects?.get(type.object)?.fields ?? [];
      return Object.fromEntries(fields.map((field) => [field.name, composite(field.type, field.name, index)]));
    }
    case 'scalar':
      return type.values ? type.values[index % type.values.length] : VALUES[type.scalar](name, index);
  }
}

const textOf = (collection: string, column: string, index: number): string =>
  `${collection}.${column}.${index}`.slice(-60);

const instant = (index: number): string => new Date(FIRST_INSTANT + index * STEP_MS).toISOString();

/** Different in every row. */
const KEY_VALUES: Record<ScalarKind, (collection: string, column: string, index: number) => unknown> = {
  string: textOf,
  uuid: (collection, column, index) => {
    const tail = (collection.length * 10_000 + column.length * 100 + index).toString(16).padStart(12, '0');
    return `01900000-0000-7000-8000-${tail}`;
  },
  int32: (_collection, _column, index) => index + 1,
  int64: (_collection, _column, index) => `${9_007_199_254_740_990n + BigInt(index)}`,
  float64: (_collection, _column, index) => index + 0.5,
  boolean: (_collection, _column, index) => index % 2 === 0,
  timestamp: (_collection, _column, index) => instant(index),
  json: (_collection, _column, index) => ({ index }),
};

/** Repeating, so that groups have several rows. */
const VALUES: Record<ScalarKind, (column: string, index: number) => unknown> = {
  string: (column, index) => `${column.slice(0, 8)} ${'%_É\'"'.charAt(index % 5)} ${index % 4}`,
  uuid: (column, index) => KEY_VALUES.uuid('', column, index % 4),
  int32: (_column, index) => (index % 5) - 1,
  int64: (_column, index) => `${9_007_199_254_740_993n * BigInt((index % 3) - 1)}`,
  float64: (_column, index) => (index % 6) * 0.25,
  boolean: (_column, index) => index % 3 === 0,
  timestamp: (_column, index) => instant(index % 7),
  json: (column, index) => [{ [column]: index % 2 }, [index % 3], 'text', [true, null, 1.5]][index % 4],
};

function stored(dialect: DialectName, { kind }: ColumnDef, value: unknown): unknown {
  if (value === null) return null;
  if (kind === 'json') return JSON.stringify(value);
  if (dialect === 'postgresql') return value;
  if (kind === 'timestamp') return CODECS[dialect].instant(Date.parse(value as string));
  if (kind === 'boolean') return value ? 1 : 0;
  return kind === 'int64' ? BigInt(value as string) : value;
}
