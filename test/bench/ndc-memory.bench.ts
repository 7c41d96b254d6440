/**
 * Memory and pauses of the service while it answers 10,000 rows × 10 columns over NDC, measured from outside: the
 * service is a process of its own, the client this one. `npx node test/bench/run.ts ndc-memory`
 */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { startService } from '../support/service-process.ts';
import type { ServiceProcess } from '../support/service-process.ts';

const ROWS = 10_000;
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

export async function run(): Promise<void> {
  const service = await startService();
  try {
    fill(join(service.folder, 'sentinel.db'));
    await answer(service, 10);
    await wait(3_000);
    const idle = residentMiB(service);
    const quiet = probe(service);
    await wait(2_000);
    const alone = quantiles(await quiet.end());
    let peak = idle;
    const sampling = setInterval(() => (peak = Math.max(peak, residentMiB(service))), SAMPLE_MS);
    const probes = probe(service);
    let bytes = 0;
    const startedAt = performance.now();
    for (let i = 0; i < REQUESTS; i++) bytes = await answer(service, ROWS);
    const elapsed = (performance.now() - startedAt) / REQUESTS;
    clearInterval(sampling);
    const meanwhile = quantiles(await probes.end());
    console.log(
      `memory  ${ROWS} rows × ${COLUMNS.length} columns, ${(bytes / 2 ** 20).toFixed(1)} MiB of JSON, ${REQUESTS} times: ${(peak - idle).toFixed(0)} MiB above ${idle.toFixed(0)} idle (mark: 60), ${elapsed.toFixed(0)} ms each`,
    );
    // What the machine itself makes a request wait is in both.
    console.log(`        GET /health meanwhile: ${meanwhile}; while nothing else is asked: ${alone}`);
  } finally {
    await service.end();
    service.remove();
  }
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

function fill(path: string): void {
  const database = new Database(path);
  database.pragma('foreign_keys = off');
  const insert = database.prepare(
    `insert into request_log (id, at, hook, source, delivery_key, trace_id, role, user_id, operation_name, query_id, argument_paths, record_count, error_count, verdict, anomalous) values (?, ?, 'pre-response', 'graphql', ?, ?, 'analyst', ?, 'OrdersOfTheDay', ?, '[]', ?, 0, 'allowed', 0)`,
  );
  database.transaction(() => {
    for (let i = 0; i < ROWS; i++) {
      const hex = i.toString(16).padStart(32, '0');
      const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
      insert.run(uuid, Date.now() - i * 1_000, `delivery-${i}`, hex, `user-${i % 500}`, `q${i % 40}`, i % 100);
    }
  })();
  database.close();
}

if (import.meta.main) await run();
