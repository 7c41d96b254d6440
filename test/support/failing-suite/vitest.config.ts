import { defineConfig } from 'vitest/config';

// One test that fails, under the set-up of the suites that need a database: see test/exit-code.test.ts.
export default defineConfig({
  test: { include: ['test/support/failing-suite/fails.ts'], globalSetup: ['test/support/postgres-server.ts'] },
});
