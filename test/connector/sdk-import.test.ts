import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = ['core', 'schema', 'connector', 'plugin', 'server', 'metadata'];
const SDK_IMPORT =
  /^\s*import\s+(?!type\b)[^;]*['"]@hasura\/ndc-sdk-typescript|import\(['"]@hasura\/ndc-sdk-typescript/m;

it('no part of the service loads the SDK at run time, which would start OpenTelemetry', () => {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const users = sources.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('@hasura/ndc-sdk-typescript'));
  expect(users).toContain(join('connector', 'sentinel-connector.ts'));
  expect(users.filter((file) => SDK_IMPORT.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

it('the rule sees an import that is not for types only', () => {
  expect(SDK_IMPORT.test("import { start } from '@hasura/ndc-sdk-typescript';")).toBe(true);
  expect(SDK_IMPORT.test("import { type Connector } from '@hasura/ndc-sdk-typescript';")).toBe(true);
  expect(SDK_IMPORT.test("const sdk = await import('@hasura/ndc-sdk-typescript');")).toBe(true);
  expect(SDK_IMPORT.test("import type { Connector } from '@hasura/ndc-sdk-typescript';")).toBe(false);
  expect(SDK_IMPORT.test("import { a } from './a.ts';\nimport type { B } from '@hasura/ndc-sdk-typescript';")).toBe(
    false,
  );
});
