import { createHost, type NdcHost } from '../../connector/host.ts';
import { createConnector } from '../../connector/sentinel-connector.ts';
import type { DialectName } from '../../schema/catalogue.ts';
import { DEFAULT_LIMITS } from '../../schema/query/limits.ts';
import { type NdcDatabase, openPostgres, openSqlite } from './ndc-database.ts';
import { openMariadb } from './ndc-mariadb.ts';
import { CATALOGUE, VERB_TABLE } from './ndc-fixture.ts';
import { call, type HttpAnswer } from './http.ts';

/** The real host and connector over the fixture, listening on a free port. */
export interface NdcServer {
  readonly url: string;
  readonly database: NdcDatabase;
  readonly logged: readonly Logged[];
  post(path: string, body: unknown): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export interface Logged {
  readonly fields: object;
  readonly message: string;
}

/** Set by the global set-up (mariadb-server.ts) where a server is at hand. */
const MARIADB_URL = process.env['TEST_MARIADB_URL'];

/** MariaDB where there is a server; the set-up says so where there is none. */
export const NDC_DIALECTS: readonly DialectName[] = [
  'sqlite',
  'postgresql',
  ...(MARIADB_URL ? ['mariadb' as const] : []),
];

const OPEN: Record<DialectName, (postgresUrl: string) => Promise<NdcDatabase>> = {
  sqlite: () => openSqlite(CATALOGUE),
  postgresql: (postgresUrl) => openPostgres(CATALOGUE, postgresUrl),
  mariadb: () => openMariadb(CATALOGUE, MARIADB_URL as string),
};

/** @param postgresUrl the server on which a database is made; not needed for others than PostgreSQL */
export async function startNdcServer(dialect: DialectName, postgresUrl: string): Promise<NdcServer> {
  const database = await OPEN[dialect](postgresUrl);
  const logged: Logged[] = [];
  const log = (fields: object, message: string): void => {
    logged.push({ fields, message });
  };
  const host: NdcHost = createHost({
    connector: createConnector({
      engine: { catalogue: CATALOGUE, limits: DEFAULT_LIMITS },
      runner: database.runner,
      verbs: VERB_TABLE,
      snapshot: (run) => database.snapshot(run),
      transaction: (run) => database.transaction(run),
    }),
    secret: undefined,
    logger: { info: log, warn: log, error: log },
    metrics: () => '',
  });
  const url = await host.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    database,
    logged,
    post: async (path, body) => call(url, { path, body }),
    close: async () => {
      await host.close();
      await database.close();
    },
  };
}
