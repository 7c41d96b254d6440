import { sql } from 'kysely';
import type { Sql } from './dialect.ts';

/** The way into a document, as all databases but PostgreSQL write it; `method` is one of Oracle's, such as `type()`. */
export function jsonPath(path: readonly string[], method?: string): Sql {
  const names = path.map((name) => `."${name}"`).join('');
  return sql.lit(`$${names}${method === undefined ? '' : `.${method}`}`);
}
