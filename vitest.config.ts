import { defineConfig } from 'vitest/config';

// As Node resolves it: vite would take graphql's other build, and two copies refuse each other's types.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

// Two projects: `unit` needs nothing but Node; `store` runs the same suites against real databases
// and therefore shares one PostgreSQL server, started once in its global set-up, and a MariaDB server where one is at hand.
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
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
        resolve,
        test: {
          name: 'store',
          include: ['test/{schema,connector,plugin,server,e2e}/**/*.test.ts'],
          globalSetup: ['test/support/postgres-server.ts', 'test/support/mariadb-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
