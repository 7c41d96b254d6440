import { randomBytes } from 'node:crypto';
import { createPool, type Pool, type PoolConnection } from 'mariadb';
import type { Transaction } from '../../core/services/ports/store.ts';
import type { Catalogue } from '../../schema/catalogue.ts';
import { mariadbConnection } from '../../schema/mariadb-url.ts';
import { type QueryRunner, runnerInside } from '../../schema/query/query-runner.ts';
import { createMariadbReader } from '../../schema/readers/mariadb-reader.ts';
import { type Connection, fill, inTransaction, type NdcDatabase, transactionOf } from './ndc-database.ts';

/** A database of its own on the server, read by the service's own reader and dropped again. */
export async function openMariadb(catalogue: Catalogue, serverUrl: string): Promise<NdcDatabase> {
  const name = `${process.env['TEST_MARIADB_PREFIX'] ?? 'ndc_'}${randomBytes(6).toString('hex')}`;
  const { host, port, user, password } = mariadbConnection(serverUrl);
  const admin = createPool({ host, port, user, password, connectionLimit: 1 });
  await admin.query(`create database ${name} character set utf8mb4 collate utf8mb4_nopad_bin`);
  const pool = createPool({ host, port, user, password, database: name, charset: 'utf8mb4', connectionLimit: 2 });
  await fill(connectionOf(pool), 'mariadb', catalogue);
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` });
  const reader = await createMariadbReader({ connectionString: url.href });

  const withClient = async <T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T> => {
    const client = await pool.getConnection();
    const connection = connectionOf(client);
    try {
      return await inTransaction(
        (sql) => client.query(sql),
        'start transaction',
        () =>
          run(
            transactionOf(connection, 'mariadb', catalogue),
            runnerInside('mariadb', ({ sql, parameters }) => connection.execute(sql, parameters)),
          ),
      );
    } finally {
      await client.release();
    }
  };
  return {
    runner: reader,
    snapshot: (run) =>
      reader.snapshot((execute) => {
        const connection: Connection = {
          execute: (sql, parameters) => execute({ sql, parameters }),
          run: () => Promise.reject(new Error('A snapshot only reads.')),
        };
        return run(transactionOf(connection, 'mariadb', catalogue), runnerInside('mariadb', execute));
      }),
    transaction: withClient,
    close: async () => {
      await reader.close();
      await pool.end();
      await admin.query(`drop database ${name}`);
      await admin.end();
    },
  };
}

function connectionOf(client: Pool | PoolConnection): Connection {
  const query = (sql: string, parameters: readonly unknown[]): Promise<unknown> =>
    client.query({ sql, rowsAsArray: true, checkNumberRange: false, autoJsonMap: false }, [...parameters]);
  return {
    execute: async (sql, parameters) => (await query(sql, parameters)) as unknown[][],
    run: async (sql, parameters) => {
      await query(sql, parameters);
    },
  };
}
