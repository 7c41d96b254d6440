import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type NdcHost } from '../../connector/host.ts';
import { createConnector } from '../../connector/sentinel-connector.ts';
import { CATALOGUE } from '../../schema/collections.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import { openReader } from '../../schema/readers/open-reader.ts';
import type { Reader } from '../../schema/readers/reader.ts';
import { call } from '../support/http.ts';
import { runConformance } from '../support/ndc-conformance.ts';
import { fillPublishedTables } from '../support/published-data.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../support/stores.ts';

const SNAPSHOTS = join(import.meta.dirname, '..', 'published-snapshots', 'query');

/** More with NDC_CONFORMANCE_SEEDS=200: any seed must pass. */
const SEEDS = Number(process.env['NDC_CONFORMANCE_SEEDS'] ?? 1);

describe.each(TEST_DIALECTS)('the official generated tests on everything that is published, on %s', (dialect) => {
  let database: TestDatabase;
  let reader: Reader;
  let host: NdcHost;
  let url: string;

  beforeAll(async () => {
    database = await createTestDatabase(dialect);
    await fillPublishedTables(database);
    reader = await openReader(database.location);
    const errors: unknown[] = [];
    host = createHost({
      connector: createConnector({
        engine: createQueryEngine(CATALOGUE),
        runner: reader,
        verbs: { verbs: new Map(), objects: [] },
        snapshot: () => Promise.reject(new Error('nothing here calls a verb')),
        transaction: () => Promise.reject(new Error('nothing here calls a verb')),
      }),
      secret: undefined,
      logger: { info() {}, warn() {}, error: (fields) => errors.push(fields) },
      metrics: () => '',
    });
    url = await host.listen({ host: '127.0.0.1', port: 0 });
  });

  afterAll(async () => {
    await host.close();
    await reader.close();
    await database.drop();
  });

  it.each(Array.from({ length: SEEDS }, (_, seed) => [seed, 1 + (seed % 3)]))(
    'pass with seed %i at complexity %i',
    async (seed, complexity) => {
      const counts = await runConformance({ url, seed, complexity, cases: 4 });
      for (const [family, count] of Object.entries(counts)) expect(count, family).toBeGreaterThan(10);
    },
  );

  it.each(readdirSync(SNAPSHOTS).sort())('the snapshot %s', async (name) => {
    const body = JSON.parse(readFileSync(join(SNAPSHOTS, name, 'request.json'), 'utf8')) as unknown;
    const { status, json, text } = await call(url, { path: '/query', body });
    expect(status, text).toBe(200);
    const answer = `${JSON.stringify(json, null, 2)}\n`;
    await expect(answer).toMatchFileSnapshot(join(SNAPSHOTS, name, 'expected.json'));
  });
});
