import { sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { compileOnly } from './compile-only.ts';
import { COMMON } from './dialect-common.ts';
import { floatAggregates } from './dialect-float-aggregates.ts';
import type { CompareSql, Dialect, Sql } from './dialect.ts';
import { jsonPath } from './json-path.ts';
import { OracleQueryCompiler } from './oracle-query-compiler.ts';

/** By bytes, which in a database in UTF-8 is by code point; without it the session's settings decide. */
const BINARY = sql`collate binary`;

/** Of a JSON_TABLE column. */
const TABLE_TYPE: Record<ScalarKind, Sql> = {
  string: sql`varchar2(32767)`,
  uuid: sql`varchar2(36)`,
  int32: sql`number`,
  int64: sql`varchar2(20)`,
  float64: sql`number`,
  boolean: sql`boolean`,
  timestamp: sql`varchar2(24)`,
  json: sql`json`,
};

/** Value of a JSON_TABLE column of its type, or of a parameter, → stored form. */
const FROM_TABLE: Record<ScalarKind, (value: Sql) => Sql> = {
  string: (value) => value,
  uuid: (value) => sql`hextoraw(replace(${value}, '-', ''))`,
  int32: (value) => value,
  int64: (value) => sql`to_number(${value})`,
  float64: (value) => sql`to_binary_double(${value})`,
  boolean: (value) => value,
  timestamp: (value) => sql`from_tz(to_timestamp(${value}, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'), 'UTC')`,
  json: (value) => value,
};

const OUTPUT: Partial<Record<ScalarKind | 'composite', (value: Sql) => Sql>> = {
  uuid: (value) =>
    sql`lower(regexp_replace(rawtohex(${value}), '(.{8})(.{4})(.{4})(.{4})(.{12})', '\\1-\\2-\\3-\\4-\\5'))`,
  int64: (value) => sql`to_char(${value})`,
  timestamp: (value) => sql`to_char(sys_extract_utc(${value}), 'YYYY-MM-DD"T"HH24:MI:SS.FF3')`,
  json: (value) => sql`json_serialize(${value} returning clob)`,
  composite: (value) => sql`json_serialize(${value} returning clob)`,
};

const FLOATS = floatAggregates((digits) => sql.raw(`${digits}d`), COMMON.clamp);

/**
 * Oracle 23ai or newer, whose BOOLEAN and JSON the store's DDL has, with MAX_STRING_SIZE = EXTENDED, without which there
 * is neither COLLATE nor a VARCHAR2 of 32,767 bytes. Compiled and reviewed, never run: no server was at hand. An empty
 * text is a null here, in columns as in operands.
 */
export const oracle: Dialect = {
  ...COMMON,
  name: 'oracle',
  compiler: compileOnly(() => new OracleQueryCompiler()),
  sourceJoin: sql`cross join`,
  nullsSmallest: { asc: sql` nulls first`, desc: sql` nulls last` },
  as: sql``,
  anyOrder: sql`null`,
  explain: 'explain plan for',

  catalogueName: (name) => sql.raw(`"${name}"`),
  page: (limit, offset) => {
    const rows = sql`fetch next ${limit.sql} rows only`;
    return offset > 0 ? sql`offset ${offset} rows ${rows}` : rows;
  },
  isTrue: (condition) => sql`(case when ${condition} then 1 else 0 end = 1)`,
  member: (kind, left, elements, negative) =>
    COMMON.member(kind, kind === 'string' ? sql`${left} ${BINARY}` : left, elements, negative),
  list: (wire) => sql`json(${JSON.stringify(wire)})`,

  source: (columns, json) => {
    const paths = columns.map(
      ({ name, kind, list }) =>
        sql`${sql.id(name)} ${list ? sql`json format json` : TABLE_TYPE[kind]} path ${sql.lit(`$.${name}`)}`,
    );
    const values = columns.map(({ name, kind, list }) => {
      const value = sql.id(name);
      const stored = list ? whereNotNull(value, [], value) : FROM_TABLE[kind](value);
      return stored === value ? value : sql`${stored} as ${value}`;
    });
    return sql`(select ${sql.join(values)} from json_table(${json}, '$[*]' columns (${sql.join(paths)})) j) s`;
  },
  constant: (kind, wire) => {
    if (kind === 'boolean') return sql`to_boolean(${wire ? 1 : 0})`;
    return FROM_TABLE[kind](sql`${wire}`);
  },
  output: (kind, value) => OUTPUT[kind]?.(value) ?? value,
  binary: (kind, value) => {
    if (kind === 'string') return sql`${value} ${BINARY}`;
    return kind === 'json' || kind === 'composite'
      ? sql`json_serialize(${value} returning varchar2(32767)) ${BINARY}`
      : value;
  },

  jsonScalar,
  jsonNode,
  jsonElements: (document, path, alias) => {
    const list = sql`case when ${typeAt(document, path)} = 'array' then ${document} end`;
    const rows = sql.lit(`$${path.map((name) => `."${name}"`).join('')}[*]`);
    return sql`json_table(${list}, ${rows} columns (value json format json path '$')) ${sql.id(alias)}`;
  },
  elementScalar: (kind, value) => jsonScalar(kind, value, []),
  jsonIsEmptyList: (document, path) =>
    sql`(${typeAt(document, path)} = 'array' and json_value(${document}, ${jsonPath(path, 'size()')} returning number) = 0)`,

  // Escapes of what is literal anyway are an error.
  likeStored: (text, pattern) =>
    sql`${text} ${BINARY} like regexp_replace(${pattern}, '(\\\\[\\\\%_])|\\\\', '\\1') escape '\\'`,
  operators: {
    equal: compare('='),
    'not-equal': compare('<>'),
    'less-than': compare('<'),
    'less-than-or-equal': compare('<='),
    'greater-than': compare('>'),
    'greater-than-or-equal': compare('>='),
    contains: (left, right) => sql`instr(${left} ${BINARY}, ${right}) > 0`,
    'contains-insensitive': (left, right) => sql`instr(lower(${left}) ${BINARY}, lower(${right})) > 0`,
    'starts-with': (left, right) => sql`substr(${left}, 1, length(${right})) = ${right} ${BINARY}`,
    'starts-with-insensitive': (left, right) =>
      sql`substr(lower(${left}), 1, length(${right})) = lower(${right}) ${BINARY}`,
    // Null where the operand is longer than the text.
    'ends-with': (left, right) => sql`substr(${left}, -length(${right})) = ${right} ${BINARY}`,
    'ends-with-insensitive': (left, right) =>
      sql`substr(lower(${left}), -length(${right})) = lower(${right}) ${BINARY}`,
    like: (left, right) => sql`${left} ${BINARY} like ${right} escape '\\'`,
    'not-like': (left, right) => sql`${left} ${BINARY} not like ${right} escape '\\'`,
    'like-insensitive': (left, right) => sql`lower(${left}) ${BINARY} like lower(${right}) escape '\\'`,
    'not-like-insensitive': (left, right) => sql`lower(${left}) ${BINARY} not like lower(${right}) escape '\\'`,
  },

  aggregates: {
    sum: { plain: (value, kind) => (kind === 'float64' ? FLOATS.sum(value) : sql`coalesce(sum(${value}), 0)`) },
    avg: {
      plain: (value, kind) => (kind === 'float64' ? FLOATS.avg(value) : sql`to_binary_double(avg(${value}))`),
    },
    min: { plain: (value, kind) => extreme('min', value, kind) },
    max: { plain: (value, kind) => extreme('max', value, kind) },
    stddev: { plain: (value, kind) => spread('stddev_samp', value, kind) },
    variance: { plain: (value, kind) => spread('var_samp', value, kind) },
    median: { plain: (value) => percentile('0.5', value) },
    p95: { plain: (value) => percentile('0.95', value) },
    bool_and: { plain: (value) => sql`boolean_and_agg(${value})` },
    bool_or: { plain: (value) => sql`boolean_or_agg(${value})` },
  },

  extractions: {
    millisecond: (at) => digits('FF3', at),
    second: (at) => digits('SS', at),
    minute: (at) => digits('MI', at),
    hour: (at) => digits('HH24', at),
    day: (at) => digits('DD', at),
    week: (at) => digits('IW', at),
    month: (at) => digits('MM', at),
    quarter: (at) => digits('Q', at),
    year: (at) => digits('YYYY', at),
    // Days since the ISO week's Monday: the number of the weekday itself depends on the session's territory.
    day_of_week: (at) => sql`mod(trunc(sys_extract_utc(${at})) - trunc(sys_extract_utc(${at}), 'IW') + 1, 7)`,
    day_of_year: (at) => digits('DDD', at),
    start_of_hour: (at) => startOf('HH24', at),
    start_of_day: (at) => startOf('DD', at),
  },
};

/** Type of the value at a path, `null` and `array` among them; null where there is none. */
function typeAt(document: Sql, path: readonly string[]): Sql {
  return sql`json_value(${document}, ${jsonPath(path, 'type()')})`;
}

/** The null inside a document is a value of its own. */
function whereNotNull(document: Sql, path: readonly string[], value: Sql): Sql {
  return sql`case when ${typeAt(document, path)} <> 'null' then ${value} end`;
}

function jsonNode(document: Sql, path: readonly string[]): Sql {
  if (path.length === 0) return document;
  return whereNotNull(document, path, sql`json_query(${document}, ${jsonPath(path)} returning json)`);
}

function jsonScalar(kind: ScalarKind, document: Sql, path: readonly string[]): Sql {
  if (kind === 'json') return path.length === 0 ? whereNotNull(document, [], document) : jsonNode(document, path);
  const value = sql`json_value(${document}, ${jsonPath(path)} returning ${TABLE_TYPE[kind]})`;
  return FROM_TABLE[kind](value);
}

function compare(operator: '=' | '<>' | '<' | '<=' | '>' | '>='): CompareSql {
  const word = sql.raw(operator);
  return (left, right, kind) =>
    kind === 'string' ? sql`${left} ${word} ${right} ${BINARY}` : sql`${left} ${word} ${right}`;
}

function extreme(name: 'min' | 'max', value: Sql, kind: ScalarKind): Sql {
  const call = sql.raw(name);
  return kind === 'string' ? sql`${call}(${value} ${BINARY})` : sql`${call}(${value})`;
}

function spread(name: 'stddev_samp' | 'var_samp', value: Sql, kind: ScalarKind): Sql {
  const call = sql.raw(name);
  if (kind !== 'float64') return sql`${call}(to_binary_double(${value}))`;
  return FLOATS.ofSquares(value, sql`${call}(${FLOATS.squarable(value)})`);
}

function percentile(fraction: string, value: Sql): Sql {
  return sql`percentile_cont(${sql.raw(fraction)}) within group (order by to_binary_double(${value}))`;
}

function digits(format: string, at: Sql): Sql {
  return sql`to_number(to_char(sys_extract_utc(${at}), ${sql.lit(format)}))`;
}

function startOf(unit: 'HH24' | 'DD', at: Sql): Sql {
  return sql`from_tz(cast(trunc(sys_extract_utc(${at}), ${sql.lit(unit)}) as timestamp), 'UTC')`;
}
