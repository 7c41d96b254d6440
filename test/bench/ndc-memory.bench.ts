/**
 * Memory and pauses of the service while it answers long lists of 10 columns over NDC, on each database, measured from
 * outside: the service is a process of its own, the client this one. `npx node test/bench/run.ts ndc-memory`
 */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createConnection } from 'mariadb';
import pg from 'pg';
import { mariadbConnection } from '../../schema/mariadb-url.ts';
import { DEFAULT_LIMITS } from '../../schema/query/limits.ts';
import { startService } from '../support/service-process.ts';
import type { ServiceProcess } from '../support/service-process.ts';

/** The second is the longest list that is answered at all: were rows held anywhere, it would show. */
const LENGTHS = [10_000, DEFAULT_LIMITS.rows];
const REQUESTS = 20;
const SAMPLE_MS = 5;
/** Where the service's own answer to a trivial request waited so long, its event loop was busy. */
const PROBE_MS = 3;

const COLUMNS = [
  'id',
  'at',
  'hook',
  'source',
  'trace_id',
  'role',
  'user_id',
  'operation_name',
  'query_id',
  'record_count',
];

/** A database of its own, filled with the rows. */
interface Filled {
  readonly environment: Readonly<Record<string, string>>;
  /** Once the service has made its tables. */
  fill(service: ServiceProcess): Promise<void>;
  remove(): Promise<void>;
}

export async function run(): Promise<void> {
  await measure('SQLite', { environment: {}, fill: async ({ folder }) => fillSqlite(folder), remove: async () => {} });
  const { TEST_POSTGRES_URL: postgres, TEST_MARIADB_URL: mariadb } = process.env;
  if (postgres) await measure('PostgreSQL', await onPostgres(postgres));
  else console.log('PostgreSQL: not measured; set TEST_POSTGRES_URL');
  if (mariadb) await measure('MariaDB', await onMariadb(mariadb));
  else console.log('MariaDB: not measured; set TEST_MARIADB_URL');
}

async function measure(label: string, { environment, fill, remove }: Filled): Promise<void> {
  const service = await startService({ environment });
  try {
    await fill(service);
    await answer(service, 10);
    await wait(3_000);
    const idle = residentMiB(service);
    const quiet = probe(service);
    await wait(2_000);
    const alone = quantiles(await quiet.end());
    for (const rows of LENGTHS) await measureLength(label, service, rows, idle);
    // What the machine itself makes a request wait is in both.
    console.log(`  GET /health while nothing else is asked: ${alone}`);
  } finally {
    await service.end();
    service.remove();
    await remove();
  }
}

async function measureLength(label: string, service: ServiceProcess, rows: number, idle: number): Promise<void> {
  let peak = idle;
  const sampling = setInterval(() => (peak = Math.max(peak, residentMiB(service))), SAMPLE_MS);
  const probes = probe(service);
  let bytes = 0;
  const startedAt = performance.now();
  for (let i = 0; i < REQUESTS; i++) bytes = await answer(service, rows);
  const elapsed = (performance.now() - startedAt) / REQUESTS;
  clearInterval(sampling);
  const meanwhile = quantiles(await probes.end());
  console.log(
    `${label}  ${rows} rows × ${COLUMNS.length} columns, ${(bytes / 2 ** 20).toFixed(1)} MiB of JSON, ${REQUESTS} times: ${(peak - idle).toFixed(0)} MiB above ${idle.toFixed(0)} idle (mark: 60), ${elapsed.toFixed(0)} ms each; GET /health meanwhile: ${meanwhile}`,
  );
}

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (q: number): string => (sorted[Math.floor(sorted.length * q)] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(0.9999)} ms`;
}

/** Resident set of the process, all threads, as the kernel counts it. */
function residentMiB({ child }: ServiceProcess): number {
  const kB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Number(kB) / 1_024;
}

/** Bytes of the answer, which is not kept. */
async function answer({ ndcUrl }: ServiceProcess, limit: number): Promise<number> {
  const fields = Object.fromEntries(COLUMNS.map((column) => [column, { type: 'column', column }]));
  const body = { collection: 'request_log', arguments: {}, collection_relationships: {}, query: { fields, limit } };
  const response = await fetch(`${ndcUrl}/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
  let bytes = 0;
  for await (const chunk of response.body) bytes += chunk.length;
  return bytes;
}

/** Times a trivial request over and over, in ms: what it waits is what the event loop was busy. */
function probe({ ndcUrl }: ServiceProcess): { end(): Promise<number[]> } {
  const times: number[] = [];
  const ending = new AbortController();
  const done = (async () => {
    while (!ending.signal.aborted) {
      const startedAt = performance.now();
      await health(ndcUrl);
      times.push(performance.now() - startedAt);
      await wait(PROBE_MS);
    }
  })();
  return {
    async end() {
      ending.abort();
      await done;
      return times;
    },
  };
}

function health(ndcUrl: string): Promise<void> {
  return new Promise((resolve, reject) => {
    httpRequest(`${ndcUrl}/health`, (response) => {
      response.resume().once('end', resolve);
    })
      .once('error', reject)
      .end();
  });
}

const INSERT =
  'insert into request_log (id, at, hook, source, delivery_key, trace_id, role, user_id, operation_name, query_id, argument_paths, record_count, error_count, verdict, anomalous)';
const ROWS = Math.max(...LENGTHS);

function fillSqlite(folder: string): void {
  const database = new Database(join(folder, 'sentinel.db'));
  database.pragma('foreign_keys = off');
  database.exec(
    `with recursive n(i) as (select 0 union all select i + 1 from n where i < ${ROWS - 1})
     ${INSERT} select printf('00000000-0000-0000-0000-%012x', i), unixepoch() * 1000 - i * 1000, 'pre-response', 'graphql',
       'delivery-' || i, printf('%032x', i), 'analyst', 'user-' || (i % 500), 'OrdersOfTheDay', 'q' || (i % 40), '[]', i % 100, 0, 'allowed', 0 from n`,
  );
  database.close();
}

async function onPostgres(url: string): Promise<Filled> {
  const name = `bench_${process.pid}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const own = Object.assign(new URL(url), { pathname: `/${name}` }).toString();
  return {
    environment: { DATABASE_URL: own },
    async fill() {
      const client = new pg.Client({ connectionString: own });
      await client.connect();
      await client.query('set session_replication_role = replica'); // no foreign keys
      await client.query(
        `${INSERT} select lpad(to_hex(i), 32, '0')::uuid, now() - i * interval '1 second', 'pre-response', 'graphql',
         'delivery-' || i, lpad(to_hex(i), 32, '0'), 'analyst', 'user-' || (i % 500), 'OrdersOfTheDay', 'q' || (i % 40), '[]', i % 100, 0, 'allowed', false
         from generate_series(0, ${ROWS - 1}) as i`,
      );
      await client.end();
    },
    async remove() {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

async function onMariadb(url: string): Promise<Filled> {
  const name = `bench_${process.pid}`;
  const own = Object.assign(new URL(url), { pathname: `/${name}` }).toString();
  const admin = await createConnection({ ...mariadbConnection(own), database: 'mysql' });
  await admin.query(`create database ${name} character set utf8mb4`);
  return {
    environment: { DATABASE_URL: own },
    async fill() {
      await admin.query(`use ${name}`);
      await admin.query('set foreign_key_checks = 0');
      await admin.query(
        `${INSERT} select lower(concat('00000000-0000-0000-0000-', lpad(hex(seq), 12, '0'))), now() - interval seq second, 'pre-response', 'graphql',
         concat('delivery-', seq), lower(lpad(hex(seq), 32, '0')), 'analyst', concat('user-', seq % 500), 'OrdersOfTheDay', concat('q', seq % 40), '[]', seq % 100, 0, 'allowed', false
         from seq_0_to_${ROWS - 1}`,
      );
    },
    async remove() {
      await admin.query(`drop database ${name}`);
      await admin.end();
    },
  };
}

if (import.meta.main) await run();
