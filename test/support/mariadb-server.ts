import { randomBytes } from 'node:crypto';
import { type Connection, createConnection } from 'mariadb';
import { mariadbConnection } from '../../schema/mariadb-url.ts';

const LOCAL = 'mariadb://root@127.0.0.1:3306/';

/**
 * Vitest global set-up: TEST_MARIADB_URL names a server on which tests may create databases. Where it is not set, a
 * server at the usual place of this machine that lets root in without a password will do; without one, what needs
 * MariaDB is skipped. The workers read the variables. What tests that were cut off left behind is dropped at the end.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['TEST_MARIADB_URL'];
  const fault = await faultOf(given || LOCAL);
  if (fault !== undefined) {
    if (given) throw new Error(`TEST_MARIADB_URL names a server that can't be used: ${fault}`);
    process.stderr.write(`MariaDB: skipped, TEST_MARIADB_URL is not set and 127.0.0.1:3306 answers: ${fault}\n`);
    return undefined;
  }
  const url = given || LOCAL;
  const prefix = `test_${randomBytes(3).toString('hex')}_`;
  process.env['TEST_MARIADB_URL'] = url;
  process.env['TEST_MARIADB_PREFIX'] = prefix;
  return () => dropAll(url, prefix);
}

async function dropAll(url: string, prefix: string): Promise<void> {
  const connection = await open(url);
  const left = await connection.query<{ name: string }[]>(
    'select schema_name as name from information_schema.schemata where left(schema_name, ?) = ?',
    [prefix.length, prefix],
  );
  for (const { name } of left) await connection.query(`drop database ${name}`);
  await connection.end();
}

async function faultOf(url: string): Promise<string | undefined> {
  try {
    await (await open(url)).end();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function open(url: string): Promise<Connection> {
  const { host, port, user, password } = mariadbConnection(url);
  return createConnection({ host, port, user, password, connectTimeout: 2_000 });
}
