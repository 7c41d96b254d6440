import { MssqlQueryCompiler, sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { compileOnly } from './compile-only.ts';
import { COMMON } from './dialect-common.ts';
import { floatAggregates } from './dialect-float-aggregates.ts';
import type { CompareSql, Dialect, Sql } from './dialect.ts';
import { jsonPath } from './json-path.ts';

/** Exact in case and accents. In trailing spaces nothing is here: `=` fills the shorter text up. */
const BINARY = sql`collate Latin1_General_100_BIN2`;

/** The same for text in UTF-8, where the order of bytes is that of code points; SQL Server 2019. */
const BINARY_UTF8 = sql`collate Latin1_General_100_BIN2_UTF8`;

const TYPE: Record<ScalarKind, Sql> = {
  string: sql`nvarchar(max)`,
  uuid: sql`uniqueidentifier`,
  int32: sql`int`,
  int64: sql`bigint`,
  float64: sql`float`,
  boolean: sql`bit`,
  timestamp: sql`datetime2(3)`,
  json: sql`nvarchar(max)`,
};

const OUTPUT: Partial<Record<ScalarKind | 'composite', (value: Sql) => Sql>> = {
  int64: (value) => sql`convert(varchar(40), ${value})`,
  // 121: with a space, and the milliseconds also where they are 0.
  timestamp: (value) => sql`replace(convert(varchar(23), ${value}, 121), ' ', 'T')`,
};

const EPOCH = sql`cast('1970-01-01' as datetime2(3))`;

/** More rows than a table has: skips all. */
const ALL_ROWS = sql.lit(Number.MAX_SAFE_INTEGER);

/** LEAST and GREATEST came with 2022. */
const clamp: Dialect['clamp'] = (value, least, most) =>
  sql`case when ${value} < ${least} then ${least} when ${value} > ${most} then ${most} else ${value} end`;

// An exponent makes a number a float here.
const FLOATS = floatAggregates((digits) => sql.raw(digits.includes('e') ? digits : `${digits}e0`), clamp);

/** SQL Server 2019 or newer. Compiled and reviewed, never run: no server was at hand. */
export const sqlserver: Dialect = {
  ...COMMON,
  name: 'sqlserver',
  compiler: compileOnly(() => new MssqlQueryCompiler()),
  sourceJoin: sql`cross join`,
  nullsSmallest: { asc: sql``, desc: sql`` },
  aggregatesSubqueries: false,
  anyOrder: sql`(select null)`,
  explain: '',

  // To fetch no row is an error.
  page: (limit, offset) =>
    limit.rows === 0
      ? sql`offset ${ALL_ROWS} rows fetch next 1 rows only`
      : sql`offset ${offset === 0 ? sql.lit(0) : sql`${offset}`} rows fetch next ${limit.sql} rows only`,
  // A condition is no value.
  isTrue: (condition) => sql`(case when ${condition} then 1 else 0 end = 1)`,
  member: (kind, left, { from, value }, negative) =>
    sql`${negative ? sql`not ` : sql``}exists (select 1 from ${from} where ${equal(value, left, kind)})`,

  source: (columns, json) => {
    const types = columns.map(({ name, kind, list }) => {
      const path = sql.lit(`$.${name}`);
      if (list) return sql`${sql.id(name)} nvarchar(max) ${path} as json`;
      return sql`${sql.id(name)} ${kind === 'timestamp' ? sql`varchar(24)` : TYPE[kind]} ${path}`;
    });
    const values = columns.map(({ name, kind, list }) => {
      const value = sql.id(name);
      return kind === 'timestamp' && !list ? sql`${fromText(kind, value)} as ${value}` : value;
    });
    return sql`(select ${sql.join(values)} from openjson(${json}) with (${sql.join(types)}) as j) as s`;
  },
  constant: (kind, wire) => (kind === 'string' ? sql`${wire}` : fromText(kind, sql`${wire}`)),
  clamp,
  output: (kind, value) => OUTPUT[kind]?.(value) ?? value,
  binary,
  // Two COLLATEs that differ are not compared, and a comparison has the one of UTF-16.
  plainText: (value) => sql`cast(replace(${value}, char(0), '') as nvarchar(max)) ${BINARY}`,

  jsonScalar: (kind, document, path) => {
    if (kind === 'string') return text(document, path);
    return kind === 'json' ? anyJson(document, path) : fromText(kind, sql`json_value(${document}, ${jsonPath(path)})`);
  },
  jsonNode,
  jsonElements: (document, path, alias) => {
    const list = jsonNode(document, path);
    return sql`openjson(case when left(${list}, 1) = '[' then ${list} end) as ${sql.id(alias)}`;
  },
  elementScalar: fromText,
  jsonIsEmptyList: (document, path) => {
    const list = jsonNode(document, path);
    return sql`(left(${list}, 1) = '[' and not exists (select 1 from openjson(${list})))`;
  },

  likeStored: (text, pattern) => like(text, 'like', pattern),
  operators: {
    equal,
    'not-equal': (left, right, kind) =>
      kind === 'string'
        ? sql`(${left} <> ${right} ${BINARY} or datalength(${left}) <> datalength(${right}))`
        : sql`${left} <> ${right}`,
    'less-than': order('<'),
    'less-than-or-equal': order('<='),
    'greater-than': order('>'),
    'greater-than-or-equal': order('>='),
    contains: (left, right) => contains(left, right),
    'contains-insensitive': (left, right) => contains(sql`lower(${left})`, sql`lower(${right})`),
    'starts-with': (left, right) => endIs('left', left, right),
    'starts-with-insensitive': (left, right) => endIs('left', sql`lower(${left})`, sql`lower(${right})`),
    'ends-with': (left, right) => endIs('right', left, right),
    'ends-with-insensitive': (left, right) => endIs('right', sql`lower(${left})`, sql`lower(${right})`),
    like: (left, right) => like(left, 'like', right),
    'not-like': (left, right) => like(left, 'not like', right),
    'like-insensitive': (left, right) => like(sql`lower(${left})`, 'like', sql`lower(${right})`),
    'not-like-insensitive': (left, right) => like(sql`lower(${left})`, 'not like', sql`lower(${right})`),
  },

  aggregates: {
    // A sum of 32 bits has 32 bits, one of 64 has 64: an overflow is an error.
    sum: {
      plain: (value, kind) =>
        kind === 'float64' ? FLOATS.sum(value) : sql`coalesce(sum(cast(${value} as decimal(38, 0))), 0)`,
    },
    avg: {
      plain: (value, kind) =>
        kind === 'float64'
          ? FLOATS.avg(value)
          : sql`(cast(sum(cast(${value} as decimal(38, 0))) as float) / nullif(count(${value}), 0))`,
    },
    min: { plain: (value, kind) => extreme('min', value, kind) },
    max: { plain: (value, kind) => extreme('max', value, kind) },
    stddev: { plain: (value, kind) => spread('stdev', value, kind) },
    variance: { plain: (value, kind) => spread('var', value, kind) },
    median: percentile('0.5'),
    p95: percentile('0.95'),
    bool_and: { plain: (value) => sql`cast(min(cast(${value} as int)) as bit)` },
    bool_or: { plain: (value) => sql`cast(max(cast(${value} as int)) as bit)` },
  },

  extractions: {
    millisecond: (at) => part('millisecond', at),
    second: (at) => part('second', at),
    minute: (at) => part('minute', at),
    hour: (at) => part('hour', at),
    day: (at) => part('day', at),
    week: (at) => part('iso_week', at),
    month: (at) => part('month', at),
    quarter: (at) => part('quarter', at),
    year: (at) => part('year', at),
    // `weekday` counts from the session's first day of the week.
    day_of_week: (at) => sql`((${part('weekday', at)} + @@datefirst - 1) % 7)`,
    day_of_year: (at) => part('dayofyear', at),
    start_of_hour: (at) => startOf('hour', at),
    start_of_day: (at) => startOf('day', at),
  },
};

/** Text, as it stands in a document or among the parameters, → stored form; DATETIME2 has no zone and means UTC. */
function fromText(kind: ScalarKind, value: Sql): Sql {
  if (kind === 'string' || kind === 'json') return value;
  // 127: ISO 8601 with the zone Z.
  return kind === 'timestamp' ? sql`convert(datetime2(3), ${value}, 127)` : sql`cast(${value} as ${TYPE[kind]})`;
}

/**
 * UTF-8, ended by a character that no text has and that sorts before all others: so comparisons do not fill up with
 * spaces. A UNIQUEIDENTIFIER sorts by its last bytes first, its text by the digits.
 */
function binary(kind: ScalarKind | 'composite', value: Sql): Sql {
  switch (kind) {
    case 'string':
    case 'json':
    case 'composite':
      return sql`cast((${value} + nchar(0)) ${BINARY_UTF8} as varchar(max))`;
    case 'uuid':
      return sql`convert(char(36), ${value})`;
    default:
      return value;
  }
}

function equal(left: Sql, right: Sql, kind: ScalarKind): Sql {
  return kind === 'string'
    ? sql`(${left} = ${right} ${BINARY} and datalength(${left}) = datalength(${right}))`
    : sql`${left} = ${right}`;
}

function order(operator: '<' | '<=' | '>' | '>='): CompareSql {
  const word = sql.raw(operator);
  return (left, right, kind) => sql`${binary(kind, left)} ${word} ${binary(kind, right)}`;
}

/** CHARINDEX finds the empty text nowhere. */
function contains(left: Sql, right: Sql): Sql {
  return sql`(charindex(${right}, ${left} ${BINARY}) > 0 or (datalength(${right}) = 0 and ${left} is not null))`;
}

/** By lengths in code units of two bytes: LEN leaves trailing spaces out. Of equal length, texts are not filled up. */
function endIs(side: 'left' | 'right', left: Sql, right: Sql): Sql {
  const end = sql`${sql.raw(side)}(${left} ${BINARY}, datalength(${right}) / 2)`;
  return sql`(${end} = ${right} and datalength(${left}) >= datalength(${right}))`;
}

/** Brackets are a wildcard here. In a plan's pattern none is escaped, so that all of them can be. */
function like(left: Sql, operator: 'like' | 'not like', pattern: Sql): Sql {
  return sql`${left} ${sql.raw(operator)} replace(${pattern}, '[', '\\[') ${BINARY} escape '\\'`;
}

function jsonNode(document: Sql, path: readonly string[]): Sql {
  return path.length === 0 ? document : sql`json_query(${document}, ${jsonPath(path)})`;
}

/** JSON_VALUE gives null for a text of more than 4,000 characters. */
function text(document: Sql, path: readonly string[]): Sql {
  return sql`(select value from openjson(${document}) with (value nvarchar(max) ${jsonPath(path)}))`;
}

/** JSON_QUERY gives objects and lists only, OPENJSON texts without their quotes. */
function anyJson(document: Sql, path: readonly string[]): Sql {
  const parent = jsonPath(path.slice(0, -1));
  const quoted = sql`'"' + string_escape(value, 'json') + '"'`;
  return sql`(select case type when 1 then ${quoted} else value end from openjson(${document}, ${parent}) where [key] = ${sql.lit(path.at(-1))})`;
}

function extreme(name: 'min' | 'max', value: Sql, kind: ScalarKind): Sql {
  const call = sql`${sql.raw(name)}(${binary(kind, value)})`;
  if (kind === 'string') return sqlserver.plainText(call);
  return kind === 'uuid' ? sql`cast(${call} as uniqueidentifier)` : call;
}

function spread(name: 'stdev' | 'var', value: Sql, kind: ScalarKind): Sql {
  const call = sql.raw(name);
  if (kind !== 'float64') return sql`${call}(cast(${value} as float))`;
  return FLOATS.ofSquares(value, sql`${call}(${FLOATS.squarable(value)})`);
}

/** PERCENTILE_CONT is a window function only; it leaves nulls out. */
function percentile(fraction: string): Dialect['aggregates']['median'] {
  return {
    window: (value, partition) =>
      sql`percentile_cont(${sql.raw(fraction)}) within group (order by cast(${value} as float)) over (${partition})`,
    finish: (_value, windowed) => sql`max(${windowed})`,
  };
}

function part(name: string, at: Sql): Sql {
  return sql`datepart(${sql.raw(name)}, ${at})`;
}

/** DATEDIFF counts the boundaries that are crossed, before 1970 too. */
function startOf(unit: 'hour' | 'day', at: Sql): Sql {
  const name = sql.raw(unit);
  return sql`dateadd(${name}, datediff(${name}, ${EPOCH}, ${at}), ${EPOCH})`;
}
