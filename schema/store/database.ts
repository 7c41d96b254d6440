import type { SqlEntityManager } from '@mikro-orm/sql';
import type { DatabaseConnection, Kysely } from 'kysely';
import { CompiledQuery } from 'kysely';
import { unsupported } from '../../core/domain/errors.ts';
import type { DialectName } from '../catalogue.ts';
import { ENTITIES } from '../entities.ts';
import { mariadbConnection } from '../mariadb-url.ts';
import { StatementTime } from '../statement-time.ts';
import type { DatabaseLocation } from './database-url.ts';
import type { Tables } from './tables.ts';

/**
 * The store's main connection: MikroORM owns it, its schema and its migrations. Everything that reads for an analyst
 * goes through `schema/readers` instead.
 */
export interface Database {
  readonly dialect: DialectName;
  readonly location: DatabaseLocation;
  /** A fresh unit of work. */
  fork(): SqlEntityManager;
  /** For statements outside a transaction; on SQLite they share the one writing connection. */
  readonly kysely: Kysely<Tables>;
  /** Of the statements of SQLite's one writing connection. */
  readonly statementTime: StatementTime;
  /** Names of the migrations applied now. */
  migrate(): Promise<readonly string[]>;
  pendingMigrations(): Promise<readonly string[]>;
  /** DDL that would bring the database in line with the entities; empty when it is. */
  drift(): Promise<string>;
  close(): Promise<void>;
}

/** Optional packages, at the versions that fit the others (peerDependencies of package.json). */
export const MARIADB_PACKAGES = ['@mikro-orm/mariadb@7.2.1', 'mariadb@3.5.4'] as const;

/**
 * The sessions of a MariaDB server have its settings until told otherwise. The mode is the strict default: without it a
 * value that does not fit is stored changed, and a server's own might give backslashes in texts another meaning. Read
 * committed is the level of PostgreSQL, and locks fewer gaps between keys, over which instances would deadlock.
 */
const MARIADB_SESSION = [
  "set session sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  "set session time_zone = '+00:00'",
  'set session transaction isolation level read committed',
];

const MIGRATIONS = { snapshot: false, disableForeignKeys: false, silent: true } as const;

export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  const statementTime = new StatementTime();
  const orm = await connect(location, statementTime);
  const names = (migrations: readonly { name: string }[]) => migrations.map((migration) => migration.name);
  return {
    dialect: location.dialect,
    location,
    fork: () => orm.em.fork(),
    kysely: (orm.em.fork() as SqlEntityManager).getKysely<Tables>(),
    statementTime,
    migrate: async () => names(await afterOthers(() => orm.migrator.up())),
    pendingMigrations: async () => names(await orm.migrator.getPending()),
    drift: async () => (await orm.schema.getUpdateSchemaSQL({ wrap: false })).trim(),
    close: () => orm.close(true),
  };
}

const MIGRATION_ATTEMPTS = 20;
const MIGRATION_WAIT_MS = 500;
/** What the databases say to the second of two instances that create the same thing at the same moment. */
const MADE_BY_ANOTHER = /already exists|duplicate|database is locked/i;

/** Instances that start together on one new database: one of them migrates, the others find its work done when they look again. */
async function afterOthers<T>(migrate: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await migrate();
    } catch (error) {
      if (attempt === MIGRATION_ATTEMPTS || !(error instanceof Error && MADE_BY_ANOTHER.test(error.message)))
        throw error;
      await new Promise((resolve) => setTimeout(resolve, MIGRATION_WAIT_MS));
    }
  }
}

// A driver is loaded only when it is used: better-sqlite3 and pg are both native or large.
async function connect(location: DatabaseLocation, statementTime: StatementTime) {
  const { Migrator } = await import('@mikro-orm/migrations');
  switch (location.dialect) {
    case 'sqlite': {
      const { MikroORM } = await import('@mikro-orm/sqlite');
      const { SQLITE_MIGRATIONS } = await import('../migrations/sqlite.ts');
      const { createSqliteDialect } = await import('./sqlite-dialect.ts');
      return MikroORM.init({
        entities: [...ENTITIES],
        dbName: location.path,
        extensions: [Migrator],
        migrations: { ...MIGRATIONS, migrationsList: SQLITE_MIGRATIONS },
        driverOptions: createSqliteDialect(location.path, statementTime),
      });
    }
    case 'postgresql': {
      const { MikroORM } = await import('@mikro-orm/postgresql');
      const { POSTGRESQL_MIGRATIONS } = await import('../migrations/postgresql.ts');
      return MikroORM.init({
        entities: [...ENTITIES],
        clientUrl: location.url,
        ...(location.schema !== undefined && { schema: location.schema }),
        extensions: [Migrator],
        migrations: { ...MIGRATIONS, migrationsList: POSTGRESQL_MIGRATIONS },
      });
    }
    case 'mariadb': {
      const { MikroORM } = await import('@mikro-orm/mariadb').catch((cause: unknown) => {
        const packages = MARIADB_PACKAGES.join(' ');
        throw unsupported('DRIVER_MISSING', `MariaDB needs packages of its own: npm install ${packages}`, { cause });
      });
      const { MARIADB_COLLATION, StoreDriver } = await import('./mariadb-driver.ts');
      const { MARIADB_MIGRATIONS } = await import('../migrations/mariadb.ts');
      const { host, port, user, password, database: dbName, ssl } = mariadbConnection(location.url);
      const orm = await MikroORM.init({
        driver: StoreDriver,
        entities: [...ENTITIES],
        host,
        port,
        user,
        password,
        dbName,
        ...(ssl && { driverOptions: { ssl } }),
        charset: 'utf8mb4',
        collate: MARIADB_COLLATION,
        extensions: [Migrator],
        migrations: { ...MIGRATIONS, migrationsList: MARIADB_MIGRATIONS },
        onCreateConnection: async (connection) => {
          for (const setting of MARIADB_SESSION)
            await (connection as DatabaseConnection).executeQuery(CompiledQuery.raw(setting));
        },
      });
      // This driver makes its pool only here.
      await orm.connect();
      return orm;
    }
  }
}
