import { MysqlQueryCompiler, sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { compileOnly } from './compile-only.ts';
import { COMMON } from './dialect-common.ts';
import { floatAggregates } from './dialect-float-aggregates.ts';
import type { CompareSql, Dialect, Sql } from './dialect.ts';

/** Where the two differ besides `Differences`. */
type Own = 'name' | 'jsonScalar' | 'jsonNode' | 'jsonElements' | 'elementScalar' | 'jsonIsEmptyList';

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

const OUTPUT: Partial<Record<ScalarKind | 'composite', (value: Sql) => Sql>> = {
  int64: (value) => sql`cast(${value} as char)`,
  timestamp: (value) => sql`date_format(${value}, '%Y-%m-%dT%H:%i:%s.%f')`,
  // The driver parses what is declared as JSON.
  json: (value) => sql`cast(${value} as char)`,
  composite: (value) => sql`cast(${value} as char)`,
};

// An exponent makes a number a double here.
const FLOATS = floatAggregates((digits) => sql.raw(digits.includes('e') ? digits : `${digits}e0`), COMMON.clamp);

export interface Differences {
  /** The collation that is exact in case, accents and trailing spaces. */
  readonly binary: Sql;
  /** Text out of a document → stored form; DATETIME has no zone and means UTC. */
  readonly fromText: Readonly<Record<ScalarKind, (value: Sql) => Sql>>;
  /** SQL's null for the null of JSON, which JSON_TABLE gives in a column of type JSON. */
  withoutJsonNull(value: Sql): Sql;
}

/** What MariaDB and MySQL say alike. */
export function mysqlFamily({ binary, fromText, withoutJsonNull }: Differences): Omit<Dialect, Own> {
  const compare = (operator: string): CompareSql => compareIn(binary, operator);
  return {
    ...COMMON,
    compiler: compileOnly(() => new MysqlQueryCompiler()),
    sourceJoin: sql`straight_join`,
    nullsSmallest: { asc: sql``, desc: sql`` },
    explain: 'explain',

    source: (columns, json) => {
      const paths = columns.map(
        ({ name, kind, list }) =>
          sql`${sql.id(name)} ${list ? TABLE_TYPE.json : TABLE_TYPE[kind]} path ${sql.lit(`$.${name}`)}`,
      );
      const values = columns.map(({ name, kind, list }) => {
        const value = sql.id(name);
        if (list) return sql`${withoutJsonNull(value)} as ${value}`;
        return isText(kind) ? sql`${fromText[kind](value)} as ${value}` : value;
      });
      return sql`(select ${sql.join(values)} from json_table(${json}, '$[*]' columns(${sql.join(paths)})) as j) as s`;
    },
    constant: (kind, wire) => {
      if (kind === 'timestamp') return sql`cast(${(wire as string).replace('T', ' ').replace('Z', '')} as datetime(3))`;
      if (kind === 'string' || kind === 'uuid') return sql`${wire} ${binary}`;
      return kind === 'int64' ? sql`cast(${wire} as signed)` : sql`${wire}`;
    },
    output: (kind, value) => OUTPUT[kind]?.(value) ?? value,
    binary: (kind, value) => (kind === 'string' || kind === 'uuid' ? sql`${value} ${binary}` : value),

    likeStored: (text, pattern) => sql`${text} like ${pattern} ${binary}`,
    operators: {
      equal: compare('='),
      'not-equal': compare('<>'),
      'less-than': compare('<'),
      'less-than-or-equal': compare('<='),
      'greater-than': compare('>'),
      'greater-than-or-equal': compare('>='),
      contains: (left, right) => sql`locate(${right}, ${left} ${binary}) > 0`,
      'contains-insensitive': (left, right) => sql`locate(lower(${right}), lower(${left}) ${binary}) > 0`,
      'starts-with': (left, right) => sql`left(${left}, char_length(${right})) = ${right} ${binary}`,
      'starts-with-insensitive': (left, right) =>
        sql`left(lower(${left}), char_length(${right})) = lower(${right}) ${binary}`,
      'ends-with': (left, right) => sql`right(${left}, char_length(${right})) = ${right} ${binary}`,
      'ends-with-insensitive': (left, right) =>
        sql`right(lower(${left}), char_length(${right})) = lower(${right}) ${binary}`,
      like: (left, right) => sql`${left} like ${right} ${binary}`,
      'not-like': (left, right) => sql`${left} not like ${right} ${binary}`,
      'like-insensitive': (left, right) => sql`lower(${left}) like lower(${right}) ${binary}`,
      'not-like-insensitive': (left, right) => sql`lower(${left}) not like lower(${right}) ${binary}`,
    },

    aggregates: {
      sum: { plain: (value, kind) => (kind === 'float64' ? FLOATS.sum(value) : sql`coalesce(sum(${value}), 0)`) },
      // AVG of whole numbers has four digits after the point here, SUM all before it.
      avg: {
        plain: (value, kind) =>
          kind === 'float64' ? FLOATS.avg(value) : sql`(cast(sum(${value}) as double) / count(${value}))`,
      },
      min: { plain: (value) => sql`min(${value})` },
      max: { plain: (value) => sql`max(${value})` },
      stddev: { plain: (value, kind) => spread('stddev_samp', value, kind) },
      variance: { plain: (value, kind) => spread('var_samp', value, kind) },
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
}

function spread(name: 'stddev_samp' | 'var_samp', value: Sql, kind: ScalarKind): Sql {
  const call = sql.raw(name);
  if (kind !== 'float64') return sql`${call}(cast(${value} as double))`;
  return FLOATS.ofSquares(value, sql`${call}(${FLOATS.squarable(value)})`);
}

function compareIn(binary: Sql, operator: string): CompareSql {
  const word = sql.raw(operator);
  return (left, right, kind) =>
    kind === 'string' || kind === 'uuid' ? sql`${left} ${word} ${right} ${binary}` : sql`${left} ${word} ${right}`;
}

/**
 * PERCENTILE_CONT is a window function of ten digits here. Instead each value gets its weight in the interpolation: 1
 * at the rank asked for, falling to 0 one rank away.
 */
function percentile(fraction: string): Dialect['aggregates']['median'] {
  const share = sql.raw(fraction);
  return {
    related: (value) => {
      const rank = sql`${share} * (count(*) over () - 1)`;
      const above = sql`mod(${rank}, 1)`;
      const next = sql`coalesce(lead(${value}) over (order by ${value}), ${value})`;
      return {
        value: sql`cast(${value} as double) * (1 - ${above}) + cast(${next} as double) * ${above}`,
        first: sql`abs(row_number() over (order by ${value}) - 1 - floor(${rank}))`,
      };
    },
    window: (value, partition) => {
      const rank = sql`row_number() over (${partition} order by ${value} is null, ${value})`;
      const last = sql`count(${value}) over (${partition}) - 1`;
      return sql`greatest(0, 1 - abs(${rank} - 1 - ${share} * (${last})))`;
    },
    finish: (value, weight) => sql`sum(cast(${value} as double) * ${weight})`,
  };
}

function isText(kind: ScalarKind): boolean {
  return kind === 'string' || kind === 'uuid' || kind === 'timestamp';
}
