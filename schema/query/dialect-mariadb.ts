import { sql } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { mysqlFamily } from './dialect-mysql-family.ts';
import type { Dialect, Sql } from './dialect.ts';
import { jsonPath } from './json-path.ts';

/** Exact in case, accents and trailing spaces; also the collation the store gives its text columns. */
const BINARY = sql`collate utf8mb4_nopad_bin`;

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

export const mariadb: Dialect = {
  name: 'mariadb',
  ...mysqlFamily({
    binary: BINARY,
    fromText: FROM_TEXT,
    // Documents are text here, and the null in one is the word.
    withoutJsonNull: (value) => sql`nullif(${value}, 'null')`,
  }),
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
};
