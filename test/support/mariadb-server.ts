import { createConnection } from 'mariadb';

const LOCAL = 'mariadb://root@127.0.0.1:3306/';

/**
 * Vitest global set-up: TEST_MARIADB_URL names a server on which tests may create databases. Where it is not set, a
 * server at the usual place of this machine that lets root in without a password will do; without one, what needs
 * MariaDB is skipped. The workers read the variable.
 */
export async function setup(): Promise<void> {
  const given = process.env['TEST_MARIADB_URL'];
  const fault = await faultOf(given || LOCAL);
  if (fault === undefined) process.env['TEST_MARIADB_URL'] = given || LOCAL;
  else if (given) throw new Error(`TEST_MARIADB_URL names a server that can't be used: ${fault}`);
  else process.stderr.write(`MariaDB: skipped, TEST_MARIADB_URL is not set and 127.0.0.1:3306 answers: ${fault}\n`);
}

async function faultOf(url: string): Promise<string | undefined> {
  const { hostname: host, port, username: user, password } = new URL(url);
  try {
    const connection = await createConnection({
      host,
      port: Number(port || 3306),
      user: decodeURIComponent(user),
      password: decodeURIComponent(password),
      connectTimeout: 2_000,
    });
    await connection.end();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
