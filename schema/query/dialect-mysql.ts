import { sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { mysqlFamily } from './dialect-mysql-family.ts';
import type { Dialect, Sql } from './dialect.ts';
import { jsonPath } from './json-path.ts';

/** Exact in case, accents and trailing spaces; MySQL 8.0.17. */
const BINARY = sql`collate utf8mb4_0900_bin`;

const FROM_TEXT: Record<ScalarKind, (value: Sql) => Sql> = {
  string: (value) => sql`${value} ${BINARY}`,
  uuid: (value) => sql`${value} ${BINARY}`,
  int32: (value) => sql`cast(${value} as signed)`,
  int64: (value) => sql`cast(${value} as signed)`,
  float64: (value) => sql`cast(${value} as double)`,
  // The words of JSON, where MariaDB has 0 and 1.
  boolean: (value) => sql`(${value} = 'true')`,
  timestamp: (value) => sql`cast(replace(replace(${value}, 'T', ' '), 'Z', '') as datetime(3))`,
  json: (value) => value,
};

/**
 * Compiled and reviewed, never run: no server was at hand. Documents have a type of their own here, in which null is a
 * value; a null is told by its type, and a scalar's text comes from json_unquote, which has no limit of length.
 */
export const mysql: Dialect = {
  name: 'mysql',
  ...mysqlFamily({ binary: BINARY, fromText: FROM_TEXT, withoutJsonNull }),
  jsonScalar: (kind, document, path) => scalarOf(kind, sql`json_extract(${document}, ${jsonPath(path)})`),
  jsonNode: (document, path) =>
    path.length === 0 ? document : withoutJsonNull(sql`json_extract(${document}, ${jsonPath(path)})`),
  jsonElements: (document, path, alias) => {
    const list = sql`json_extract(${document}, ${jsonPath(path)})`;
    return sql`json_table(case when json_type(${list}) = 'ARRAY' then ${list} else json_array() end, '$[*]' columns(value json path '$')) as ${sql.id(alias)}`;
  },
  elementScalar: scalarOf,
  jsonIsEmptyList: (document, path) =>
    sql`(json_type(json_extract(${document}, ${jsonPath(path)})) = 'ARRAY' and json_length(${document}, ${jsonPath(path)}) = 0)`,
};

function scalarOf(kind: ScalarKind, value: Sql): Sql {
  if (kind === 'json') return withoutJsonNull(value);
  return FROM_TEXT[kind](sql`case when json_type(${value}) = 'NULL' then null else json_unquote(${value}) end`);
}

function withoutJsonNull(value: Sql): Sql {
  return sql`case when json_type(${value}) = 'NULL' then null else ${value} end`;
}
