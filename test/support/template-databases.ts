import type { Connection } from 'mariadb';
import pg from 'pg';

/** Migrates the database of that name. */
type Migrate = (name: string) => Promise<void>;

/**
 * Migrating takes a second or more, and every test file is a process of its own: the first one that asks migrates a
 * template for all of the run, while the others wait for it.
 */
export async function migratedPostgres(serverUrl: string, migrate: Migrate): Promise<string> {
  // Set by the global set-up, which also drops it.
  const name = process.env['TEST_POSTGRES_TEMPLATE'] as string;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [name]);
    const { rowCount } = await client.query(
      `select 1 from pg_database where datname = $1 and shobj_description(oid, 'pg_database') = 'migrated'`,
      [name],
    );
    if (rowCount === 0) {
      await client.query(`drop database if exists ${name}`);
      await client.query(`create database ${name}`);
      await migrate(name);
      await client.query(`comment on database ${name} is 'migrated'`);
    }
  } finally {
    await client.end();
  }
  return name;
}

/** Makes tables and rows as migrations leave them in an empty database: copied, as MariaDB has no template databases. */
export async function copyMigratedMariadb(connection: Connection, to: string, migrate: Migrate): Promise<void> {
  // Dropped by the global set-up with everything that has its prefix.
  const name = `${process.env['TEST_MARIADB_PREFIX']}template`;
  await connection.query('select get_lock(?, 120)', [name]);
  const made = await connection.query<object[]>(
    `select 1 from information_schema.schemata where schema_name = ? and schema_comment = 'migrated'`,
    [name],
  );
  if (made.length === 0) {
    await connection.query(`drop database if exists ${name}`);
    await connection.query(`create database ${name}`);
    await migrate(name);
    await connection.query(`alter database ${name} comment 'migrated'`);
  }
  await connection.query('select release_lock(?)', [name]);

  await connection.query(`use ${to}`);
  await connection.query('set foreign_key_checks = 0');
  const tables = await connection.query<{ name: string }[]>(
    'select table_name as name from information_schema.tables where table_schema = ?',
    [name],
  );
  for (const { name: table } of tables) {
    const [shown] = await connection.query<{ 'Create Table': string }[]>(`show create table ${name}.${table}`);
    await connection.query(shown?.['Create Table'] as string);
    await connection.query(`insert into ${table} select * from ${name}.${table}`);
  }
}
