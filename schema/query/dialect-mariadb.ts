import { MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { compileOnly } from './compile-only.ts';
import type { CompareSql, Dialect, Sql } from './dialect.ts';

/** Exact in case, accents and trailing spaces; also the collation the store gives its text columns. */
const BINARY = sql`collate utf8mb4_nopad_bin`;

/** Type of a JSON_TABLE column. */
const TABLE_TYPE: Record<ScalarKind, Sql> = {
  string: sql`longtext`,
  uuid: sql`longtext`,
  int32: sql`int`,
  int64: sql`bigint`,
  float64: sql`double`,
  boolean: sql`int`,
  timestamp: sql`longtext`,
  json: sql`json`,
};

/** Text out of a document → stored form; DATETIME has no zone and means UTC. */
const FROM_TEXT: Record<ScalarKind, (value: Sql) => Sql> = {
  string: (value) => sql`${value} ${BINARY}`,
  uuid: (value) => sql`${value} ${BINARY}`,
  int32: (value) => sql`cast(${value} as signed)`,
  int64: (value) => sql`cast(${value} as signed)`,
  float64: (value) => sql`cast(${value} as double)`,
  boolean: (value) => sql`cast(${value} as signed)`,
  timestamp: (value) => sql`cast(replace(replace(${value}, 'T', ' '), 'Z', '') as datetime(3))`,
  json: (value) => value,
};

const OUTPUT: Partial<Record<ScalarKind | 'composite', (value: Sql) => Sql>> = {
  int64: (value) => sql`cast(${value} as char)`,
  timestamp: (value) => sql`date_format(${value}, '%Y-%m-%dT%H:%i:%s.%f')`,
  // The driver parses what is declared as JSON.
  json: (value) => sql`cast(${value} as char)`,
  composite: (value) => sql`cast(${value} as char)`,
};

export const mariadb: Dialect = {
  name: 'mariadb',
  compiler: compileOnly({
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  }),
  sourceJoin: sql`straight_join`,
  nullsSmallest: { asc: sql``, desc: sql`` },
  derivedTableSeesOuter: false,
  explain: 'explain',

  source: (columns, json) => {
    const paths = columns.map(
      ({ name, kind, list }) =>
        sql`${sql.id(name)} ${list ? TABLE_TYPE.json : TABLE_TYPE[kind]} path ${sql.lit(`$.${name}`)}`,
    );
    const values = columns.map(({ name, kind, list }) => {
      const value = sql.id(name);
      // A null in a column of type JSON is the text of one.
      if (list) return sql`nullif(${value}, 'null') as ${value}`;
      return isText(kind) ? sql`${FROM_TEXT[kind](value)} as ${value}` : value;
    });
    return sql`(select ${sql.join(values)} from json_table(${json}, '$[*]' columns(${sql.join(paths)})) as j) as s`;
  },
  constant: (kind, wire) => {
    if (kind === 'timestamp') return sql`cast(${(wire as string).replace('T', ' ').replace('Z', '')} as datetime(3))`;
    if (kind === 'string' || kind === 'uuid') return sql`${wire} ${BINARY}`;
    return kind === 'int64' ? sql`cast(${wire} as signed)` : sql`${wire}`;
  },
  list: (wire) => sql`${JSON.stringify(wire)}`,
  output: (kind, value) => OUTPUT[kind]?.(value) ?? value,
  binary: (kind, value) => (kind === 'string' || kind === 'uuid' ? sql`${value} ${BINARY}` : value),

  jsonScalar: (kind, document, path) =>
    FROM_TEXT[kind](
      kind === 'json'
        ? sql`json_extract(${document}, ${jsonPath(path)})`
        : sql`json_value(${document}, ${jsonPath(path)})`,
    ),
  // Null for a null in the document, which json_extract gives as a value.
  jsonNode: (document, path) => (path.length === 0 ? document : sql`json_query(${document}, ${jsonPath(path)})`),
  jsonElements: (document, path, alias) => {
    const list = sql`json_extract(${document}, ${jsonPath(path)})`;
    return sql`json_table(case when json_type(${list}) = 'ARRAY' then ${list} else '[]' end, '$[*]' columns(value json path '$')) as ${sql.id(alias)}`;
  },
  elementScalar: (kind, value) => FROM_TEXT[kind](sql`json_value(${value}, '$')`),
  jsonIsEmptyList: (document, path) =>
    sql`(json_type(json_extract(${document}, ${jsonPath(path)})) = 'ARRAY' and json_length(${document}, ${jsonPath(path)}) = 0)`,

  operators: {
    equal: compare('='),
    'not-equal': compare('<>'),
    'less-than': compare('<'),
    'less-than-or-equal': compare('<='),
    'greater-than': compare('>'),
    'greater-than-or-equal': compare('>='),
    contains: (left, right) => sql`locate(${right}, ${left} ${BINARY}) > 0`,
    'contains-insensitive': (left, right) => sql`locate(lower(${right}), lower(${left}) ${BINARY}) > 0`,
    'starts-with': (left, right) => sql`left(${left}, char_length(${right})) = ${right} ${BINARY}`,
    'starts-with-insensitive': (left, right) =>
      sql`left(lower(${left}), char_length(${right})) = lower(${right}) ${BINARY}`,
    'ends-with': (left, right) => sql`right(${left}, char_length(${right})) = ${right} ${BINARY}`,
    'ends-with-insensitive': (left, right) =>
      sql`right(lower(${left}), char_length(${right})) = lower(${right}) ${BINARY}`,
    like: (left, right) => sql`${left} like ${right} ${BINARY}`,
    'not-like': (left, right) => sql`${left} not like ${right} ${BINARY}`,
    'like-insensitive': (left, right) => sql`lower(${left}) like lower(${right}) ${BINARY}`,
    'not-like-insensitive': (left, right) => sql`lower(${left}) not like lower(${right}) ${BINARY}`,
  },
  likePattern: (pattern) => pattern,

  aggregates: {
    sum: { plain: (value) => sql`coalesce(sum(${value}), 0)` },
    // Of whole numbers these are decimals of four digits here.
    avg: { plain: (value) => sql`avg(cast(${value} as double))` },
    min: { plain: (value) => sql`min(${value})` },
    max: { plain: (value) => sql`max(${value})` },
    stddev: { plain: (value) => sql`stddev_samp(cast(${value} as double))` },
    variance: { plain: (value) => sql`var_samp(cast(${value} as double))` },
    median: percentile('0.5'),
    p95: percentile('0.95'),
    bool_and: { plain: (value) => sql`min(${value})` },
    bool_or: { plain: (value) => sql`max(${value})` },
  },

  extractions: {
    millisecond: (at) => sql`(microsecond(${at}) div 1000)`,
    second: (at) => sql`second(${at})`,
    minute: (at) => sql`minute(${at})`,
    hour: (at) => sql`hour(${at})`,
    day: (at) => sql`day(${at})`,
    week: (at) => sql`week(${at}, 3)`,
    month: (at) => sql`month(${at})`,
    quarter: (at) => sql`quarter(${at})`,
    year: (at) => sql`year(${at})`,
    day_of_week: (at) => sql`(dayofweek(${at}) - 1)`,
    day_of_year: (at) => sql`dayofyear(${at})`,
    start_of_hour: (at) => sql`cast(date_format(${at}, '%Y-%m-%d %H:00:00') as datetime(3))`,
    start_of_day: (at) => sql`cast(date(${at}) as datetime(3))`,
  },
};

function isText(kind: ScalarKind): boolean {
  return kind === 'string' || kind === 'uuid' || kind === 'timestamp';
}

function jsonPath(path: readonly string[]): Sql {
  return sql.lit(`$${path.map((name) => `."${name}"`).join('')}`);
}

function compare(operator: string): CompareSql {
  const word = sql.raw(operator);
  return (left, right, kind) =>
    kind === 'string' || kind === 'uuid' ? sql`${left} ${word} ${right} ${BINARY}` : sql`${left} ${word} ${right}`;
}

/**
 * PERCENTILE_CONT is a window function of ten digits here. Instead each value gets its weight in the interpolation: 1
 * at the rank asked for, falling to 0 one rank away.
 */
function percentile(fraction: string): Dialect['aggregates']['median'] {
  return {
    window: (value, partition) => {
      const rank = sql`row_number() over (${partition} order by ${value} is null, ${value})`;
      const last = sql`count(${value}) over (${partition}) - 1`;
      return sql`greatest(0, 1 - abs(${rank} - 1 - ${sql.raw(fraction)} * (${last})))`;
    },
    finish: (value, weight) => sql`sum(cast(${value} as double) * ${weight})`,
  };
}
