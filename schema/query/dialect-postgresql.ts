import { PostgresQueryCompiler, sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { compileOnly } from './compile-only.ts';
import { COMMON } from './dialect-common.ts';
import { floatAggregates } from './dialect-float-aggregates.ts';
import type { CompareSql, Dialect, Sql } from './dialect.ts';

const TYPE: Record<ScalarKind, Sql> = {
  string: sql`text`,
  uuid: sql`uuid`,
  int32: sql`integer`,
  int64: sql`bigint`,
  float64: sql`double precision`,
  boolean: sql`boolean`,
  timestamp: sql`timestamptz`,
  json: sql`jsonb`,
};

const OUTPUT: Partial<Record<ScalarKind | 'composite', (value: Sql) => Sql>> = {
  int64: (value) => sql`${value}::text`,
  timestamp: (value) => sql`to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  json: (value) => sql`${value}::text`,
  composite: (value) => sql`${value}::text`,
};

const FLOATS = floatAggregates((digits) => sql`${sql.raw(digits)}::double precision`, COMMON.clamp);

export const postgresql: Dialect = {
  ...COMMON,
  name: 'postgresql',
  compiler: compileOnly(() => new PostgresQueryCompiler()),
  sourceJoin: sql`cross join`,
  nullsSmallest: { asc: sql` nulls first`, desc: sql` nulls last` },
  explain: 'explain',

  source: (columns, json) => {
    const types = columns.map(({ name, kind, list }) => sql`${sql.id(name)} ${list ? TYPE.json : TYPE[kind]}`);
    return sql`jsonb_to_recordset(${json}::jsonb) as s(${sql.join(types)})`;
  },
  constant: (kind, wire) => sql`${wire}::${TYPE[kind]}`,
  list: (wire) => sql`${JSON.stringify(wire)}::jsonb`,
  output: (kind, value) => OUTPUT[kind]?.(value) ?? value,
  binary: (kind, value) => {
    if (kind === 'string') return sql`${value} collate "C"`;
    return kind === 'json' ? sql`${value}::text collate "C"` : value;
  },

  jsonScalar: (kind, document, path) => {
    if (kind === 'json') return node(document, path);
    const parent = descend(document, path.slice(0, -1));
    return sql`(${parent} ->> ${sql.lit(path.at(-1))})::${TYPE[kind]}`;
  },
  jsonNode: node,
  jsonElements: (document, path, alias) => {
    const list = sql`(${descend(document, path)})`;
    return sql`jsonb_array_elements(case when jsonb_typeof(${list}) = 'array' then ${list} else '[]'::jsonb end) as ${sql.id(alias)}(value)`;
  },
  elementScalar: (kind, value) => (kind === 'json' ? value : sql`(${value} #>> '{}')::${TYPE[kind]}`),
  jsonIsEmptyList: (document, path) => sql`(${descend(document, path)}) = '[]'::jsonb`,

  // A pattern that ends in a lone escape character is an error: it gets another one.
  likeStored: (text, pattern) =>
    sql`${text} like ${pattern} || case when ${pattern} ~ '(^|[^\\\\])(\\\\\\\\)*\\\\$' then '\\' else '' end`,
  operators: {
    equal: compare('='),
    'not-equal': compare('<>'),
    'less-than': compare('<'),
    'less-than-or-equal': compare('<='),
    'greater-than': compare('>'),
    'greater-than-or-equal': compare('>='),
    contains: (left, right) => sql`position(${right} in ${left}) > 0`,
    'contains-insensitive': (left, right) => sql`position(lower(${right}) in lower(${left})) > 0`,
    'starts-with': (left, right) => sql`starts_with(${left}, ${right})`,
    'starts-with-insensitive': (left, right) => sql`starts_with(lower(${left}), lower(${right}))`,
    'ends-with': (left, right) => sql`right(${left}, length(${right})) = ${right}`,
    'ends-with-insensitive': (left, right) => sql`right(lower(${left}), length(${right})) = lower(${right})`,
    like: (left, right) => sql`${left} like ${right}`,
    'not-like': (left, right) => sql`${left} not like ${right}`,
    'like-insensitive': (left, right) => sql`${left} ilike ${right}`,
    'not-like-insensitive': (left, right) => sql`${left} not ilike ${right}`,
  },

  aggregates: {
    sum: { plain: (value, kind) => (kind === 'float64' ? FLOATS.sum(value) : sql`coalesce(sum(${value}), 0)`) },
    avg: { plain: (value, kind) => (kind === 'float64' ? FLOATS.avg(value) : sql`avg(${value})::double precision`) },
    min: { plain: (value, kind) => extreme('min', value, kind) },
    max: { plain: (value, kind) => extreme('max', value, kind) },
    stddev: { plain: (value, kind) => spread('stddev_samp', value, kind) },
    variance: { plain: (value, kind) => spread('var_samp', value, kind) },
    median: { plain: (value, kind) => percentile('0.5', value, kind) },
    p95: { plain: (value, kind) => percentile('0.95', value, kind) },
    bool_and: { plain: (value) => sql`bool_and(${value})` },
    bool_or: { plain: (value) => sql`bool_or(${value})` },
  },

  extractions: {
    // PostgreSQL counts seconds into `milliseconds`.
    millisecond: (at) => sql`(${part('milliseconds', at)} % 1000)`,
    second: (at) => sql`floor(extract(second from ${at} at time zone 'UTC'))::integer`,
    minute: (at) => part('minute', at),
    hour: (at) => part('hour', at),
    day: (at) => part('day', at),
    week: (at) => part('week', at),
    month: (at) => part('month', at),
    quarter: (at) => part('quarter', at),
    year: (at) => part('year', at),
    day_of_week: (at) => part('dow', at),
    day_of_year: (at) => part('doy', at),
    start_of_hour: (at) => sql`date_trunc('hour', ${at}, 'UTC')`,
    start_of_day: (at) => sql`date_trunc('day', ${at}, 'UTC')`,
  },
};

function descend(document: Sql, path: readonly string[]): Sql {
  return path.reduce((parent, name) => sql`${parent} -> ${sql.lit(name)}`, document);
}

/** A null inside a document is a value of its own to PostgreSQL. */
function node(document: Sql, path: readonly string[]): Sql {
  return path.length === 0 ? document : sql`nullif(${descend(document, path)}, 'null'::jsonb)`;
}

/** Equality is bitwise under every collation that may stand on a column, order is not. */
function compare(operator: '=' | '<>' | '<' | '<=' | '>' | '>='): CompareSql {
  const word = sql.raw(operator);
  if (operator === '=' || operator === '<>') return (left, right) => sql`${left} ${word} ${right}`;
  return (left, right, kind) =>
    kind === 'string' ? sql`${left} ${word} ${right} collate "C"` : sql`${left} ${word} ${right}`;
}

/** Before PostgreSQL 18 there is no `min(uuid)`. */
function extreme(name: 'min' | 'max', value: Sql, kind: ScalarKind): Sql {
  const call = sql.raw(name);
  if (kind === 'uuid') return sql`${call}(${value}::text collate "C")::uuid`;
  return kind === 'string' ? sql`${call}(${value} collate "C")` : sql`${call}(${value})`;
}

function spread(name: 'stddev_samp' | 'var_samp', value: Sql, kind: ScalarKind): Sql {
  const call = sql.raw(name);
  if (kind !== 'float64') return sql`${call}(${value}::double precision)`;
  return FLOATS.ofSquares(value, sql`${call}(${FLOATS.squarable(value)})`);
}

/** Of halves: the difference of two floats, which the interpolation takes, may be beyond their range. */
function percentile(fraction: string, value: Sql, kind: ScalarKind): Sql {
  const ranked = (one: Sql): Sql => sql`percentile_cont(${sql.raw(fraction)}) within group (order by ${one})`;
  return kind === 'float64' ? sql`(2 * ${ranked(sql`${value} / 2`)})` : ranked(sql`${value}::double precision`);
}

function part(name: string, at: Sql): Sql {
  return sql`extract(${sql.raw(name)} from ${at} at time zone 'UTC')::integer`;
}
