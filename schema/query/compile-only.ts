import { DummyDriver, Kysely } from 'kysely';
import type { Dialect as KyselyDialect } from 'kysely';

/** A Kysely that compiles for a dialect without a connection to it. */
export function compileOnly(
  dialect: Pick<KyselyDialect, 'createAdapter' | 'createIntrospector' | 'createQueryCompiler'>,
): Kysely<unknown> {
  return new Kysely({
    dialect: {
      createDriver: () => new DummyDriver(),
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
  });
}
