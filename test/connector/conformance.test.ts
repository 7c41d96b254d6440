import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runConformance } from '../support/ndc-conformance.ts';
import { NDC_DIALECTS, type NdcServer, startNdcServer } from '../support/ndc-server.ts';

/** More with NDC_CONFORMANCE_SEEDS=200: any seed must pass. */
const SEEDS = Number(process.env['NDC_CONFORMANCE_SEEDS'] ?? 3);

describe.each(NDC_DIALECTS)('the official generated tests on %s', (dialect) => {
  let server: NdcServer;
  beforeAll(async () => {
    server = await startNdcServer(dialect, inject('postgresUrl'));
  });
  afterAll(() => server.close());

  it.each(Array.from({ length: SEEDS }, (_, seed) => [seed, 1 + (seed % 3)]))(
    'pass with seed %i at complexity %i',
    async (seed, complexity) => {
      const requests = await runConformance({ url: server.url, seed, complexity });
      // Every family must have had something to ask, or nothing is proven.
      for (const [family, count] of Object.entries(requests)) expect(count, family).toBeGreaterThan(10);
    },
  );
});
