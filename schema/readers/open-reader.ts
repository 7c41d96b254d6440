import type { DatabaseLocation } from '../store/database-url.ts';
import { createMariadbReader } from './mariadb-reader.ts';
import { createPostgresReader } from './postgres-reader.ts';
import type { Reader } from './reader.ts';
import { createSqliteReader } from './sqlite-reader.ts';

/** The reader of a database, with the defaults of each. */
export async function openReader(location: DatabaseLocation): Promise<Reader> {
  switch (location.dialect) {
    case 'sqlite':
      return createSqliteReader({ path: location.path });
    case 'postgresql':
      return createPostgresReader({ connectionString: location.url });
    case 'mariadb':
      return createMariadbReader({ connectionString: location.url });
  }
}
