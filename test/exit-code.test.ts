import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

// A package of the database set-up once ended the process with 0 whatever the tests said.
it('a failing test makes the test command fail, with the database set-up too', { timeout: 60_000 }, () => {
  const vitest = resolve(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const config = resolve(import.meta.dirname, 'support/failing-suite/vitest.config.ts');
  const { status, stdout } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', config, '--root', resolve(import.meta.dirname, '..')],
    {
      encoding: 'utf8',
      env: { ...process.env, VITEST: '', TEST_POSTGRES_URL: '' },
    },
  );
  expect(stdout).toContain('1 failed');
  expect(status).toBe(1);
});
