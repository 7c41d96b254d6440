/** The process that `ndc-cpu.bench.ts` measures: the NDC host, and a bare server with hand-written SQL beside it. */
import Fastify from 'fastify';
import pg from 'pg';
import { createHost } from '../../connector/host.ts';
import { createConnector } from '../../connector/sentinel-connector.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import { createPostgresReader } from '../../schema/readers/postgres-reader.ts';
import { fixtureCatalogue } from '../support/query-fixture.ts';
import { VERB_TABLE } from '../support/ndc-fixture.ts';
import { HAND_WRITTEN } from './query-workload.ts';

export interface Listening {
  readonly ndcUrl: string;
  readonly bareUrl: string;
}

const connectionString = process.argv[2] as string;
const silent = { info: () => {}, warn: () => {}, error: console.error };
const address = { host: '127.0.0.1', port: 0 };

const host = createHost({
  connector: createConnector({
    engine: createQueryEngine(fixtureCatalogue),
    runner: createPostgresReader({ connectionString, connections: 1 }),
    verbs: VERB_TABLE,
    snapshot: () => Promise.reject(new Error('nothing is written here')),
    transaction: () => Promise.reject(new Error('nothing is written here')),
  }),
  secret: undefined,
  logger: silent,
  metrics: () => '',
});

const client = new pg.Client({ connectionString });
await client.connect();
const bare = Fastify();
for (const [index, hand] of Object.values(HAND_WRITTEN).entries()) {
  bare.get(`/${index}`, () => hand(async (sql, values) => (await client.query(sql, [...values])).rows, 'postgresql'));
}

process.on('message', () => process.send?.(process.cpuUsage()));
process.send?.({ ndcUrl: await host.listen(address), bareUrl: await bare.listen(address) } satisfies Listening);
