import { expect, it } from 'vitest';
import { mariadbConnection } from '../../schema/mariadb-url.ts';
import { createMariadbReader } from '../../schema/readers/mariadb-reader.ts';
import { openDatabase } from '../../schema/store/database.ts';
import { createTestDatabase, openMariadbClient, TEST_DIALECTS } from '../support/stores.ts';

it.each([
  ['mariadb://db/x', { host: 'db', port: 3306, user: '', password: '', database: 'x' }],
  [
    'mariadb://us%40er:p%2Fw@db:3307/my%20data?ssl=false',
    { host: 'db', port: 3307, user: 'us@er', password: 'p/w', database: 'my data' },
  ],
  [
    'mariadb://u@db/x?ssl=true',
    { host: 'db', port: 3306, user: 'u', password: '', database: 'x', ssl: { rejectUnauthorized: true } },
  ],
])('reads %s', (url, connection) => {
  expect(mariadbConnection(url)).toEqual(connection);
});

it.runIf(TEST_DIALECTS.includes('mariadb'))(
  'with ssl=true, nothing is sent to a server without it',
  async ({ skip }) => {
    const database = await createTestDatabase('mariadb', { migrated: false });
    const client = await openMariadbClient(database.url);
    const [{ Value: hasSsl }] = await client.query<[{ Value: string }]>("show variables like 'have_ssl'");
    await client.end();
    const url = `${database.url}?ssl=true`;
    try {
      if (hasSsl === 'YES') skip('this server has a certificate');
      await expect(openDatabase({ dialect: 'mariadb', url }).then((opened) => opened.migrate())).rejects.toThrow();
      const reader = await createMariadbReader({ connectionString: url, connectTimeoutMs: 300 });
      await expect(reader.execute({ sql: 'select 1', parameters: [] })).rejects.toThrow();
      await reader.close();
    } finally {
      await database.drop();
    }
  },
);
