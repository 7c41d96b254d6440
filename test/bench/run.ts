import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs every benchmark, or those whose file names contain an argument, one after the other. Figures are ratios against a
 * peer or CPU time: these machines are noisy, so nothing here passes or fails.
 */
const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();

for (const name of files) {
  console.log(`\n── ${name}`);
  const { run } = (await import(join(import.meta.dirname, name))) as { run(): Promise<void> };
  await run();
}
