import { sql } from 'kysely';
import type { Dialect } from './dialect.ts';

type Common = Pick<
  Dialect,
  | 'as'
  | 'anyOrder'
  | 'aggregatesSubqueries'
  | 'catalogueName'
  | 'page'
  | 'isTrue'
  | 'member'
  | 'plainText'
  | 'list'
  | 'likePattern'
  | 'clamp'
>;

/** What most databases say alike; a dialect replaces what it says otherwise. */
export const COMMON: Common = {
  as: sql`as `,
  anyOrder: null,
  aggregatesSubqueries: true,
  catalogueName: (name) => sql.id(name),
  page: (limit, offset) => (offset > 0 ? sql`limit ${limit.sql} offset ${offset}` : sql`limit ${limit.sql}`),
  isTrue: (condition) => sql`((${condition}) is true)`,
  member: (_kind, left, elements, negative) =>
    sql`${left} ${negative ? sql`not in` : sql`in`} (select ${elements.value} from ${elements.from})`,
  plainText: (value) => value,
  list: (wire) => sql`${JSON.stringify(wire)}`,
  likePattern: (pattern) => pattern,
  clamp: (value, least, most) => sql`least(greatest(${value}, ${least}), ${most})`,
};
