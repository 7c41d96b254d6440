import { DialectAdapterBase, DummyDriver, Kysely } from 'kysely';
import type { QueryCompiler } from 'kysely';

/** A Kysely that compiles for a dialect without a connection to it. */
export function compileOnly(createQueryCompiler: () => QueryCompiler): Kysely<unknown> {
  return new Kysely({
    dialect: {
      createDriver: () => new DummyDriver(),
      createAdapter: () => new UnconnectedAdapter(),
      createIntrospector: () => unconnected(),
      createQueryCompiler,
    },
  });
}

/** Kysely asks every dialect for an adapter; only migrations, which are not its, would use it. */
class UnconnectedAdapter extends DialectAdapterBase {
  override acquireMigrationLock(): Promise<void> {
    return unconnected();
  }
  override releaseMigrationLock(): Promise<void> {
    return unconnected();
  }
}

function unconnected(): never {
  throw new Error('A Kysely that only compiles has no database.');
}
