import { sql } from 'kysely';
import { HUGE_FLOAT, HUGE_SCALE, MOST_FLOAT, MOST_SQUARED } from './aggregate-range.ts';
import type { Dialect, Sql } from './dialect.ts';

/**
 * Aggregates over floats that never overflow on their way, which is an error on one database, an infinity on another and
 * a wrong number on a third: what is beyond the range of float64 comes as the end of it.
 */
export interface FloatAggregates {
  /** 0 over no value. */
  sum(value: Sql): Sql;
  avg(value: Sql): Sql;
  /** The values whose squares can be added, null for others. */
  squarable(value: Sql): Sql;
  /** `squares` where all values are squarable. */
  ofSquares(value: Sql, squares: Sql): Sql;
}

/** @param double a literal of the database's type for floats */
export function floatAggregates(double: (digits: string) => Sql, clamp: Dialect['clamp']): FloatAggregates {
  const number = (value: number): Sql => double(String(value));
  const huge = number(HUGE_FLOAT);
  const usual = (value: Sql): Sql =>
    sql`coalesce(sum(case when abs(${value}) <= ${huge} then ${value} end), ${number(0)})`;
  const scaled = (value: Sql): Sql =>
    sql`coalesce(sum(case when abs(${value}) > ${huge} then ${value} * ${number(1 / HUGE_SCALE)} end), ${number(0)})`;
  const unscaled = (value: Sql): Sql =>
    sql`${clamp(value, number(-MOST_FLOAT / HUGE_SCALE), number(MOST_FLOAT / HUGE_SCALE))} * ${number(HUGE_SCALE)}`;
  return {
    // Each part stands once: MariaDB computes an aggregate as often as it is written.
    sum: (value) => sql`(${unscaled(scaled(value))} + ${usual(value)})`,
    avg: (value) => {
      const count = sql`nullif(count(${value}), 0)`;
      return sql`(${unscaled(sql`${scaled(value)} / coalesce(${count}, 1)`)} + ${usual(value)} / ${count})`;
    },
    squarable: (value) => sql`case when abs(${value}) <= ${number(MOST_SQUARED)} then ${value} end`,
    ofSquares: (value, squares) =>
      sql`case when count(${value}) > 1 and max(abs(${value})) > ${number(MOST_SQUARED)} then ${number(MOST_FLOAT)} else ${squares} end`,
  };
}
