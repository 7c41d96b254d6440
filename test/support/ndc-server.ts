import { createHost, type NdcHost } from '../../connector/host.ts';
import { createConnector } from '../../connector/sentinel-connector.ts';
import { DEFAULT_LIMITS } from '../../schema/query/limits.ts';
import { type NdcDatabase, openPostgres, openSqlite } from './ndc-database.ts';
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

export const NDC_DIALECTS = ['sqlite', 'postgresql'] as const;

/** @param postgresUrl the server on which a database is made; not needed for SQLite */
export async function startNdcServer(dialect: (typeof NDC_DIALECTS)[number], postgresUrl: string): Promise<NdcServer> {
  const database = dialect === 'sqlite' ? await openSqlite(CATALOGUE) : await openPostgres(CATALOGUE, postgresUrl);
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
