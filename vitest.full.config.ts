import { defineConfig } from 'vitest/config';

// Checks that take minutes or need the labelled data beside the project: run before an issue is called resolved.
export default defineConfig({
  test: {
    include: ['test/full/**/*.test.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    globalSetup: ['test/support/postgres-server.ts'],
  },
});
