import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// As Node resolves it: vite would take graphql's other build, and two copies refuse each other's types.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

// Nothing is mocked and no module keeps state that a test could spoil: one load of the modules serves all files of a worker.
const isolate = false;

// The slowest files wait for processes that they started: on two cores two files at a time take a third less than one.
const maxWorkers = Math.max(2, availableParallelism() - 1);

// Two projects: `unit` needs nothing but Node; `store` runs the same suites against real databases
// and therefore shares one PostgreSQL server, started once in its global set-up, and a MariaDB server where one is at hand.
export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          isolate,
          // Not 5 s: a machine that others use, too, must not fail what only takes longer there.
          testTimeout: 60_000,
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
        resolve,
        test: {
          name: 'store',
          isolate,
          include: ['test/{schema,connector,plugin,server,e2e}/**/*.test.ts'],
          globalSetup: ['test/support/postgres-server.ts', 'test/support/mariadb-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
