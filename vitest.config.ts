import { defineConfig } from 'vitest/config';

// Two projects: `unit` needs nothing but Node; `store` runs the same suites against real databases
// and therefore shares one PostgreSQL server, started once in its global set-up.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/schema/**',
            'test/connector/**',
            'test/plugin/**',
            'test/server/**',
            'test/e2e/**',
            'test/full/**',
          ],
        },
      },
      {
        test: {
          name: 'store',
          include: ['test/{schema,connector,plugin,server,e2e}/**/*.test.ts'],
          globalSetup: ['test/support/postgres-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
