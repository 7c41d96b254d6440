import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CAPABILITIES } from '../../connector/capabilities.ts';
import { call } from '../support/http.ts';

/** The same connector object under the SDK's own `start`: where the SDK's server is right, ours answers alike. */
const ROOT = join(import.meta.dirname, '..', '..');
const SNAPSHOTS = join(ROOT, 'test', 'ndc-snapshots');
const STARTED_WITHIN_MS = 30_000;

let child: ChildProcess;
let url: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const script = join(ROOT, 'test', 'support', 'sdk-server.ts');
  child = spawn(
    process.execPath,
    [script, 'serve', '--configuration', '.', '--host', '127.0.0.1', '--port', String(port)],
    {
      cwd: ROOT,
      env: { ...process.env, OTEL_SDK_DISABLED: 'true', HASURA_SERVICE_TOKEN_SECRET: undefined },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const deadline = Date.now() + STARTED_WITHIN_MS;
  while (!(await isHealthy())) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the SDK's server did not start: ${errors}`);
    await setTimeout(100);
  }
});

afterAll(async () => {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
});

it('is announced with the same capabilities and a schema', async () => {
  expect((await call(url, { path: '/capabilities' })).json).toMatchObject({ capabilities: CAPABILITIES });
  expect((await call(url, { path: '/schema' })).json).toMatchObject({ collections: expect.any(Array) });
});

it.each(readdirSync(join(SNAPSHOTS, 'query')))('answers the snapshot %s', async (name) => {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(join(SNAPSHOTS, 'query', name, file), 'utf8')) as unknown;
  const answer = await call(url, { path: '/query', body: read('request.json') });
  expect(answer.json).toEqual(read('expected.json'));
});

it.each<[string, object, number, string]>([
  ['a domain error', { collection: 'bands', arguments: {}, collection_relationships: {}, query: {} }, 400, 'bands'],
  [
    'a value of another type',
    {
      collection: 'double',
      arguments: { number: { type: 'literal', value: 'x' } },
      collection_relationships: {},
      query: { fields: { __value: { type: 'column', column: '__value' } } },
    },
    422,
    'number',
  ],
])('fails with the status and the text of %s', async (_name, body, status, text) => {
  const answer = await call(url, { path: '/query', body });
  expect(answer).toMatchObject({
    status,
    json: { message: expect.stringContaining(text), details: { code: expect.any(String) } },
  });
});

it('runs mutations', async () => {
  const body = { operations: [{ type: 'procedure', name: 'who_acts', arguments: {} }], collection_relationships: {} };
  expect((await call(url, { path: '/mutation', body })).json).toEqual({
    operation_results: [{ type: 'procedure', result: 'unknown over ndc' }],
  });
});

async function isHealthy(): Promise<boolean> {
  try {
    return (await call(url, { path: '/health' })).status === 200;
  } catch {
    return false; // nobody listens yet
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
