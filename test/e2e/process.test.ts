import { type AddressInfo, createServer } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { openDatabase } from '../../schema/store/database.ts';
import { createTestDatabase, TEST_DIALECTS } from '../support/stores.ts';
import { runCommand, type ServiceProcess, startService } from '../support/service-process.ts';
import { ndcRows, ordinaryOrders, postJson, preResponseBody, until } from '../support/traffic.ts';

const started: ServiceProcess[] = [];

async function start(...options: Parameters<typeof startService>): Promise<ServiceProcess> {
  const service = await startService(...options);
  started.push(service);
  return service;
}

afterEach(async () => {
  for (const service of started.splice(0)) {
    if (service.child.exitCode === null && service.child.signalCode === null) await service.end('SIGKILL');
    service.remove();
  }
});

const hook = (service: ServiceProcess, n: number, headers: Readonly<Record<string, string>> = {}) =>
  postJson(`${service.apiUrl}/hooks/pre-response`, preResponseBody(ordinaryOrders(n)), headers);

/** One of the pages by which a dataset of its own is learnt. */
const teachPage = (service: ServiceProcess, dataset: string, n: number) =>
  postJson(`${service.apiUrl}/hooks/pre-response`, {
    session: { role: 'sales', variables: { 'x-hasura-role': 'sales', 'x-hasura-user-id': '7' } },
    rawRequest: { query: `query { ${dataset} { id total country paid } }`, variables: {} },
    response: { data: { [dataset]: ordinaryOrders(n) } },
  });

describe('starting', () => {
  it('prints a line per listener and where the admin token is, which only its owner can read', async () => {
    const service = await start();
    expect(service.output()).toMatch(
      /^connector +http:\/\/127\.0\.0\.1:\d+ +\(loopback only, because HASURA_SERVICE_TOKEN_SECRET is not set\)$/m,
    );
    expect(service.output()).toMatch(
      /^hooks, API +http:\/\/127\.0\.0\.1:\d+ +\(loopback only, because M_AUTH_KEY is not set\)$/m,
    );
    expect(service.adminToken()).toMatch(/^sentinel_/);
    expect(statSync(join(service.folder, 'admin-token')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['HOST', 'M_AUTH_KEY'],
    ['HASURA_CONNECTOR_HOST', 'HASURA_SERVICE_TOKEN_SECRET'],
  ])('refuses %s beyond loopback without %s', async (variable, secret) => {
    const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-'));
    const { code, stderr } = await runCommand(['serve'], { ANOMALY_DETECTION_DATA: folder, [variable]: '0.0.0.0' });
    rmSync(folder, { recursive: true });
    expect(code).toBe(1);
    expect(stderr).toContain(`${variable}=0.0.0.0`);
    expect(stderr).toContain(`${secret} is not set`);
  });

  it.runIf(process.platform === 'linux')(
    'bounds what is kept of memory that is free, unless it was told otherwise',
    async () => {
      const service = await start({ environment: { MALLOC_ARENA_MAX: '4' } });
      const of = (what: string) => readFileSync(`/proc/${service.child.pid}/${what}`, 'utf8').split('\0');
      expect(of('cmdline')).toEqual(expect.arrayContaining(['--max-semi-space-size=4', '--heap-growing-percent=50']));
      expect(of('environ')).toEqual(
        expect.arrayContaining(['MALLOC_ARENA_MAX=4', 'MALLOC_MMAP_THRESHOLD_=16384', 'MALLOC_TOP_PAD_=8192']),
      );
    },
  );

  it('ends with what is wrong where a port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    await expect(startService({ environment: { PORT: String(port) } })).rejects.toThrow(
      /ended with 1 before it was ready:[\s\S]*EADDRINUSE/,
    );
    await new Promise((resolve) => holder.close(resolve));
  });

  it('names every fault of the configuration at once, and no secret', async () => {
    const { code, stderr } = await runCommand(['serve'], {
      PORT: 'eighty',
      SENTINEL_ALPHA: '2',
      MINIMUM_TRAINING_RECORDS: '3',
      DATABASE_URL: 'mongodb://root:hunter2@db/x',
      M_AUTH_KEY_FILE: '/nowhere/secret',
    });
    expect(code).toBe(1);
    for (const variable of ['PORT', 'SENTINEL_ALPHA', 'MINIMUM_TRAINING_RECORDS', 'M_AUTH_KEY_FILE'])
      expect(stderr).toContain(variable);
    expect(stderr).toContain('Example: PORT=8787');
    expect(stderr).not.toContain('hunter2');
  });

  it('takes secrets from files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-'));
    writeFileSync(join(folder, 'key'), 'from-a-file\n');
    const service = await start({ folder, environment: { M_AUTH_KEY_FILE: join(folder, 'key'), HOST: '127.0.0.1' } });
    expect((await hook(service, 0)).status).toBe(400);
    expect((await hook(service, 0, { 'hasura-m-auth': 'from-a-file' })).status).toBe(204);
  });
});

describe('stopping', () => {
  it('keeps every acknowledged observation through SIGKILL', async () => {
    const first = await start();
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => hook(first, n)));
    const acknowledged = answers.filter((answer) => answer.status === 204).length;
    expect(acknowledged).toBe(40);
    expect(await first.end('SIGKILL')).toBe('SIGKILL');

    const second = await start({ folder: first.folder });
    expect(await ndcRows(second, 'request_log', ['id'])).toHaveLength(acknowledged);
    const learnt = await ndcRows(second, 'historical_data', ['record_count', 'query_id']);
    expect(learnt.map((baseline) => baseline['record_count'])).toEqual([400, 400]);
  });

  it.each(TEST_DIALECTS)('gives back on %s what it was training, and calls that no fault', async (dialect) => {
    const given = await createTestDatabase(dialect);
    const database = await openDatabase(given.location);
    try {
      const service = await start({ environment: { DATABASE_URL: given.url } });
      const claims = () => database.kysely.selectFrom('training_claims').select('baseline_id').execute();
      const datasets = Array.from({ length: 20 }, (_, n) => `orders${n}`);
      for (let n = 0; n < 12; n++) await Promise.all(datasets.map((dataset) => teachPage(service, dataset, n)));
      await until(async () => (await claims()).length > 0);
      expect(await service.end()).toBe(0);
      expect(await claims()).toEqual([]);
      expect(service.output()).not.toContain('"level":"error"');
    } finally {
      await database.close();
      await given.drop();
    }
  });

  it('answers what is in flight, flushes its counts and exits with 0', async () => {
    const first = await start();
    const inFlight = Promise.all(Array.from({ length: 20 }, (_, n) => hook(first, n)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const ended = first.end('SIGTERM');
    const statuses = (await inFlight).map((answer) => answer.status);
    expect(await ended).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([204]));

    const second = await start({ folder: first.folder });
    const [counts] = await ndcRows(second, 'query_stats', ['requests', 'records']);
    expect(counts).toEqual({ requests: 20, records: 200 });
  });
});

describe('the database going away', () => {
  it('is told to nobody but the operator: hooks answer 204, and what they saw is written when it is back', async () => {
    const database = await createTestDatabase('postgresql');
    const service = await start({ environment: { DATABASE_URL: database.url } });
    expect((await hook(service, 0)).status).toBe(204);

    const name = new URL(database.url).pathname.slice(1);
    const admin = new pg.Client({ connectionString: inject('postgresUrl') });
    await admin.connect();
    await admin.query(`alter database ${name} allow_connections false`);
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    try {
      for (let n = 1; n <= 5; n++) expect((await hook(service, n)).status).toBe(204);
      expect((await fetch(`${service.apiUrl}/ready`)).status).toBe(503);
      const query = await postJson(`${service.ndcUrl}/query`, {
        collection: 'request_log',
        arguments: {},
        collection_relationships: {},
        query: { fields: {} },
      });
      expect(query.status).toBe(502);
      expect(await query.text()).not.toMatch(/select|postgres|password/i);
      const rest = await postJson(`${service.apiUrl}/anomalies`, preResponseBody(ordinaryOrders(6)), {
        'x-hasura-role': 'sales',
      });
      expect(rest.status).toBe(503);
    } finally {
      await admin.query(`alter database ${name} allow_connections true`);
      await admin.end();
    }
    await until(async () => (await fetch(`${service.apiUrl}/ready`)).status === 200);
    await until(async () => (await ndcRows(service, 'request_log', ['id'])).length === 7);
    expect(await service.end()).toBe(0);
    await database.drop();
  });

  it('is waited for when it becomes read-only, and reading goes on', async () => {
    const database = await createTestDatabase('postgresql');
    const service = await start({ environment: { DATABASE_URL: database.url } });
    expect((await hook(service, 0)).status).toBe(204);

    const name = new URL(database.url).pathname.slice(1);
    const admin = new pg.Client({ connectionString: inject('postgresUrl') });
    await admin.connect();
    const setReadOnly = async (value: 'on' | 'off') => {
      await admin.query(`alter database ${name} set default_transaction_read_only = ${value}`);
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    };
    await setReadOnly('on');
    await until(async () => (await hook(service, 1)).status === 204);
    await until(async () => (await ndcRows(service, 'request_log', ['id']).catch(() => [])).length === 1);
    await setReadOnly('off');
    await admin.end();
    await until(async () => (await ndcRows(service, 'request_log', ['id']).catch(() => [])).length === 2);
    expect(await service.end()).toBe(0);
    await database.drop();
  });
});

describe('a second signal', () => {
  it('ends the process at once', async () => {
    const service = await start({ environment: { SENTINEL_SHUTDOWN_SECONDS: '30' } });
    const ended = service.end('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 30));
    service.child.kill('SIGTERM');
    const startedAt = performance.now();
    expect(await ended).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('a stop during a query that takes long', () => {
  it('takes the time that a stop has, and not that of the query', async () => {
    const service = await start({ environment: { SENTINEL_SHUTDOWN_SECONDS: '1' } });
    // Each shape has nine rows in query_features.
    for (let n = 0; n < 10; n++) {
      const body = preResponseBody([]);
      const hook = await postJson(`${service.apiUrl}/hooks/pre-response`, {
        ...body,
        rawRequest: { ...body.rawRequest, query: `{ orders { c${n} } }` },
      });
      expect(hook.status).toBe(204);
    }
    const column = (name: string, scope: number): object => ({ type: 'column', name, path: [], scope });
    const compare = (name: string, operator: string, value: object): object => ({
      type: 'binary_comparison_operator',
      column: { type: 'column', name },
      operator,
      value,
    });
    const predicate = [1, 2, 3, 4, 5, 6].reduce(
      (inner) => ({
        type: 'exists',
        in_collection: { type: 'unrelated', collection: 'query_features', arguments: {} },
        predicate: { type: 'and', expressions: [compare('query_id', '_neq', column('query_id', 1)), inner] },
      }),
      compare('query_id', '_contains', column('feature_name', 6)),
    );
    const query = { fields: {}, predicate };
    const request = { collection: 'query_features', arguments: {}, collection_relationships: {}, query };
    let isAnswered = false;
    const asked = postJson(`${service.ndcUrl}/query`, request).then(
      () => (isAnswered = true),
      () => {},
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const startedAt = performance.now();
    expect(await service.end('SIGTERM')).toBe('SIGKILL');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await asked;
    expect(isAnswered).toBe(false);
    expect(service.output()).toContain('left behind: a statement that still ran');
  });
});
