import type { DatabaseLocation } from '../store/database-url.ts';
import type { Reader } from './reader.ts';

/** The reader of a database, with the defaults of each; a driver that is not used is not loaded. */
export async function openReader(location: DatabaseLocation): Promise<Reader> {
  switch (location.dialect) {
    case 'sqlite': {
      const { createSqliteReader } = await import('./sqlite-reader.ts');
      return createSqliteReader({ path: location.path });
    }
    case 'postgresql': {
      const { createPostgresReader } = await import('./postgres-reader.ts');
      return createPostgresReader({ connectionString: location.url });
    }
    case 'mariadb': {
      const { createMariadbReader } = await import('./mariadb-reader.ts');
      return createMariadbReader({ connectionString: location.url });
    }
  }
}
