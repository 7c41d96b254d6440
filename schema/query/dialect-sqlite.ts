import { SqliteQueryCompiler, sql } from 'kysely';
import { DAY, HOUR } from '../../core/domain/time.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { compileOnly } from './compile-only.ts';
import { COMMON } from './dialect-common.ts';
import { floatAggregates } from './dialect-float-aggregates.ts';
import { MATCHES_LIKE } from '../sqlite-functions.ts';
import { IN_TIME } from '../statement-time.ts';
import type { Dialect, Sql } from './dialect.ts';
import { jsonPath } from './json-path.ts';

/** JSON value → stored form: timestamps are epoch milliseconds, booleans 0 and 1. */
const FROM_JSON: Record<ScalarKind, (value: Sql) => Sql> = {
  string: (value) => sql`cast(${value} as text)`,
  uuid: (value) => sql`cast(${value} as text)`,
  int32: (value) => sql`cast(${value} as integer)`,
  int64: (value) => sql`cast(${value} as integer)`,
  float64: (value) => sql`cast(${value} as real)`,
  boolean: (value) => value,
  timestamp: (value) => sql`cast(round(unixepoch(${value}, 'subsec') * 1000) as integer)`,
  json: (value) => value,
};

/** By depth: which bits of a row's id are 0 in the rows that ask for the time. */
const SILENT_ROWS: readonly number[] = [63, 7];

const clamp: Dialect['clamp'] = (value, least, most) => sql`min(max(${value}, ${least}), ${most})`;

const FLOATS = floatAggregates((digits) => sql.raw(digits.includes('e') ? digits : `${digits}.0`), clamp);

export const sqlite: Dialect = {
  ...COMMON,
  name: 'sqlite',
  compiler: compileOnly(() => new SqliteQueryCompiler()),
  // In SQLite the words that forbid reordering.
  sourceJoin: sql`cross join`,
  nullsSmallest: { asc: sql``, desc: sql`` },
  explain: 'explain query plan',

  // A row's own id keeps the call in the loop over these rows; SQLite merges such a select into the one around it. A call
  // costs as much as visiting several rows, so near the root only some rows ask; deeper down, where tables multiply and a
  // small one may have no such row, each does.
  stoppable: (rows, isTable, depth) => {
    const inTime = sql`${sql.raw(IN_TIME)}(${isTable ? sql`rowid` : sql``})`;
    const silent = isTable ? SILENT_ROWS[depth] : undefined;
    const asks = silent ? sql`(rowid & ${sql.lit(silent)}) or ${inTime}` : inTime;
    return sql`(select * from ${rows} where ${asks})`;
  },

  source: (columns, json) => {
    const values = columns.map(({ name, kind, list }) => {
      const value = sql`json_extract(value, ${sql.lit(`$.${name}`)})`;
      return sql`${list ? value : FROM_JSON[kind](value)} as ${sql.id(name)}`;
    });
    return sql`(select ${sql.join(values)} from json_each(${json})) as s`;
  },
  constant: (kind, wire) => {
    if (kind === 'timestamp') return sql`${Date.parse(wire as string)}`;
    if (kind === 'boolean') return sql`${wire ? 1 : 0}`;
    return kind === 'int64' ? sql`cast(${wire} as integer)` : sql`${wire}`;
  },
  // A number of 64 bits would lose digits on its way into JavaScript.
  output: (kind, value) => (kind === 'int64' ? sql`cast(${value} as text)` : value),
  binary: (_kind, value) => value,

  jsonScalar: (kind, document, path) => FROM_JSON[kind](sql`json_extract(${document}, ${jsonPath(path)})`),
  jsonNode: (document, path) => (path.length === 0 ? document : sql`json_extract(${document}, ${jsonPath(path)})`),
  jsonElements: (document, path, alias) =>
    sql`json_each(case when json_type(${document}, ${jsonPath(path)}) = 'array' then json_extract(${document}, ${jsonPath(path)}) else '[]' end) as ${sql.id(alias)}`,
  elementScalar: (kind, value) => FROM_JSON[kind](value),
  jsonIsEmptyList: (document, path) =>
    sql`(json_type(${document}, ${jsonPath(path)}) = 'array' and json_array_length(${document}, ${jsonPath(path)}) = 0)`,

  operators: {
    equal: (left, right) => sql`${left} = ${right}`,
    'not-equal': (left, right) => sql`${left} <> ${right}`,
    'less-than': (left, right) => sql`${left} < ${right}`,
    'less-than-or-equal': (left, right) => sql`${left} <= ${right}`,
    'greater-than': (left, right) => sql`${left} > ${right}`,
    'greater-than-or-equal': (left, right) => sql`${left} >= ${right}`,
    contains: (left, right) => sql`instr(${left}, ${right}) > 0`,
    'contains-insensitive': (left, right) => sql`instr(lower(${left}), lower(${right})) > 0`,
    'starts-with': (left, right) => sql`substr(${left}, 1, length(${right})) = ${right}`,
    'starts-with-insensitive': (left, right) => sql`substr(lower(${left}), 1, length(${right})) = lower(${right})`,
    'ends-with': (left, right) => endsWith(left, right),
    'ends-with-insensitive': (left, right) => endsWith(sql`lower(${left})`, sql`lower(${right})`),
    // LIKE ignores the case of ASCII letters here; GLOB doesn't.
    like: (left, right) => sql`${left} glob ${right}`,
    'not-like': (left, right) => sql`${left} not glob ${right}`,
    'like-insensitive': (left, right) => sql`${left} like ${right} escape '\\'`,
    'not-like-insensitive': (left, right) => sql`${left} not like ${right} escape '\\'`,
  },
  likeStored: (text, pattern) => sql`${sql.raw(MATCHES_LIKE)}(${text}, ${pattern})`,
  likePattern: globOf,
  clamp,

  aggregates: {
    sum: { plain: (value, kind) => (kind === 'float64' ? FLOATS.sum(value) : wholeSum(value, kind)) },
    avg: { plain: average },
    min: { plain: (value) => sql`min(${value})` },
    max: { plain: (value) => sql`max(${value})` },
    // Two passes: the one-pass formula cancels where the mean is large against the deviation.
    variance: { window: meanBeside, finish: (value, mean, kind) => spread(value, kind, (of) => variance(of, mean)) },
    stddev: {
      window: meanBeside,
      finish: (value, mean, kind) => spread(value, kind, (of) => sql`sqrt(${variance(of, mean)})`),
    },
    median: { plain: (value, kind) => percentile('0.5', value, kind) },
    p95: { plain: (value, kind) => percentile('0.95', value, kind) },
    bool_and: { plain: (value) => sql`min(${value})` },
    bool_or: { plain: (value) => sql`max(${value})` },
  },

  extractions: {
    millisecond: (at) => remainder(at, 1000),
    second: (at) => part('%S', at),
    minute: (at) => part('%M', at),
    hour: (at) => part('%H', at),
    day: (at) => part('%d', at),
    week: (at) => part('%V', at),
    month: (at) => part('%m', at),
    quarter: (at) => sql`((${part('%m', at)} + 2) / 3)`,
    year: (at) => part('%Y', at),
    day_of_week: (at) => part('%w', at),
    day_of_year: (at) => part('%j', at),
    start_of_hour: (at) => sql`(${at} - ${remainder(at, HOUR)})`,
    start_of_day: (at) => sql`(${at} - ${remainder(at, DAY)})`,
  },
};

function endsWith(left: Sql, right: Sql): Sql {
  const from = sql`length(${left}) - length(${right}) + 1`;
  return sql`(length(${left}) >= length(${right}) and substr(${left}, ${from}) = ${right})`;
}

/** LIKE pattern → GLOB pattern. */
function globOf(pattern: string): string {
  return pattern.replaceAll(/\\(.)|([%_*?[])/gsu, (_match, escaped: string | undefined, special: string) => {
    if (special === '%') return '*';
    if (special === '_') return '?';
    const literal = escaped ?? special;
    return '*?['.includes(literal) ? `[${literal}]` : literal;
  });
}

/**
 * A sum of int64 is an error beyond the range. In halves of 32 bits it is not; it is then put together as a whole number,
 * or as a float where it has more digits than that.
 */
function wholeSum(value: Sql, kind: ScalarKind): Sql {
  if (kind === 'int32') return sql`coalesce(sum(${value}), 0)`;
  const low = sql`coalesce(sum(${value} & 4294967295), 0)`;
  const high = sql`(coalesce(sum(${value} >> 32), 0) + (${low} >> 32))`;
  const whole = sql`${high} * 4294967296 + (${low} & 4294967295)`;
  const wide = sql`${high} * 4294967296.0 + (${low} & 4294967295)`;
  return sql`case when ${high} between -2147483648 and 2147483647 then ${whole} else ${wide} end`;
}

/** AVG of int64 goes on in floats where the sum is beyond the range: what cancels out would leave rounding behind. */
function average(value: Sql, kind: ScalarKind): Sql {
  if (kind === 'float64') return FLOATS.avg(value);
  return kind === 'int32'
    ? sql`avg(${value})`
    : sql`(cast(${wholeSum(value, kind)} as real) / nullif(count(${value}), 0))`;
}

/** Of whole numbers as floats, as those are what it is taken from. */
function meanBeside(value: Sql, partition: Sql, kind: ScalarKind): Sql {
  return sql`avg(${kind === 'float64' ? FLOATS.squarable(value) : sql`cast(${value} as real)`}) over (${partition})`;
}

function spread(value: Sql, kind: ScalarKind, of: (value: Sql) => Sql): Sql {
  return kind === 'float64' ? FLOATS.ofSquares(value, of(FLOATS.squarable(value))) : of(value);
}

/** Of halves: the difference of two floats, which the interpolation takes, may be beyond their range. */
function percentile(fraction: string, value: Sql, kind: ScalarKind): Sql {
  const ranked = (one: Sql): Sql => sql`percentile_cont(${one}, ${sql.raw(fraction)})`;
  return kind === 'float64' ? sql`(2 * ${ranked(sql`${value} / 2`)})` : ranked(value);
}

function variance(value: Sql, mean: Sql): Sql {
  return sql`(sum((${value} - ${mean}) * (${value} - ${mean})) / nullif(count(${value}) - 1, 0))`;
}

/** Not negative before 1970 either. */
function remainder(at: Sql, divisor: number): Sql {
  const by = sql.lit(divisor);
  return sql`((${at} % ${by} + ${by}) % ${by})`;
}

function part(format: string, at: Sql): Sql {
  return sql`cast(strftime(${sql.lit(format)}, (${at} - ${remainder(at, 1000)}) / 1000, 'unixepoch') as integer)`;
}
