import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { setup } from '../support/postgres-server.ts';
import { cpuSecondsOf, type ServiceProcess, startService } from '../support/service-process.ts';
import { callProcedure, postJson } from '../support/traffic.ts';

/**
 * Two processes on one PostgreSQL: from the request that activates a rule at one of them to the first request that the
 * other refuses. Then what the pre-parse hook costs with many rules in force, the whole HTTP handler included.
 */
const ROUNDS = 200;
const REQUESTS = 3_000;

export async function run(): Promise<void> {
  let postgresUrl = '';
  const stop = await setup({ provide: (_name: string, url: string) => (postgresUrl = url) } as unknown as TestProject);
  const url = await createDatabase(postgresUrl);
  const [first, second] = await Promise.all([
    startService({ environment: { DATABASE_URL: url } }),
    // Migrations of the first one must not be met half done.
    new Promise((resolve) => setTimeout(resolve, 4_000)).then(() =>
      startService({ environment: { DATABASE_URL: url } }),
    ),
  ]);
  try {
    await reportPropagation(first, second);
    for (const count of [1_000, 10_000]) {
      await createRules(first, count);
      await untilApplied(first);
      await untilApplied(second);
      await reportHandler(first, count);
    }
    await reportPropagation(first, second);
  } finally {
    await Promise.all([first.end(), second.end()]);
    first.remove();
    second.remove();
    await stop();
  }
}

async function reportPropagation(first: ServiceProcess, second: ServiceProcess): Promise<void> {
  const rule = await callProcedure(first, 'create_kill_switch_rule', {
    key: `switched-${randomBytes(4).toString('hex')}`,
    condition: 'role == "switched"',
    reason: 'benchmark',
  });
  const [enforced, answered]: [number[], number[]] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    const sent = performance.now();
    const change = callProcedure(first, 'activate_kill_switch_rule', { id: rule['id'] }).then(() =>
      answered.push(performance.now() - sent),
    );
    while ((await statusOf(second, 'switched')) !== 400) await new Promise((resolve) => setTimeout(resolve, 1));
    enforced.push(performance.now() - sent);
    await change;
    await callProcedure(first, 'deactivate_kill_switch_rule', { id: rule['id'] });
    while ((await statusOf(second, 'switched')) === 400) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await callProcedure(first, 'archive_kill_switch_rule', { id: rule['id'] });
  console.log(
    `activation asked of one process → enforced by the other: ${percentiles(enforced)} (mark p99 ≤ 250 ms); its answer: ${percentiles(answered)}`,
  );
}

async function reportHandler(service: ServiceProcess, rules: number): Promise<void> {
  for (let i = 0; i < 300; i++) await statusOf(service, `other-${i}`);
  const [before, times]: [number, number[]] = [await cpuSecondsOf(service), []];
  for (let i = 0; i < REQUESTS; i++) {
    const sent = performance.now();
    await statusOf(service, `other-${i % 50}`);
    times.push(performance.now() - sent);
  }
  const cpu = (((await cpuSecondsOf(service)) - before) * 1e6) / REQUESTS;
  console.log(
    `${rules} rules, pre-parse of a 1 kB query: ${cpu.toFixed(0)} µs CPU per request (all of the process, HTTP and jobs included); as the client sees it ${percentiles(times)}`,
  );
}

const FIELDS = Array.from({ length: 40 }, (_, i) => `someFieldOfACustomer${i}`).join(' ');
const QUERY = `query Customers($limit: Int) { customers(limit: $limit) { ${FIELDS} invoices { id total } } }`;

async function statusOf(service: ServiceProcess, role: string): Promise<number> {
  const response = await postJson(`${service.apiUrl}/hooks/pre-parse`, {
    session: { role, variables: { 'x-hasura-role': role } },
    rawRequest: { query: QUERY, variables: { limit: 10 }, operationName: 'Customers' },
  });
  await response.arrayBuffer();
  return response.status;
}

async function createRules(service: ServiceProcess, count: number): Promise<void> {
  for (let i = 0; i < count; i += 100) {
    const operations = Array.from({ length: 100 }, (_, j) => ({
      type: 'procedure',
      name: 'create_kill_switch_rule',
      arguments: {
        key: `rule-${i + j}`,
        condition: `role == "role-${i + j}" and "customers" in rootFields and depth > 2`,
        status: 'active',
        reason: 'benchmark',
      },
    }));
    const response = await postJson(`${service.ndcUrl}/mutation`, { operations, collection_relationships: {} });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  }
}

async function untilApplied(service: ServiceProcess): Promise<void> {
  const response = await fetch(`${service.apiUrl}/kill-switch/rules?since=999999999`);
  const { revision } = (await response.json()) as { revision: number };
  for (;;) {
    const { status, body } = await evaluated(service);
    if (status === 200 && body.revision >= revision) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function evaluated(service: ServiceProcess) {
  const response = await postJson(`${service.apiUrl}/kill-switch/evaluate`, { fact: {} });
  return { status: response.status, body: (await response.json()) as { revision: number } };
}

async function createDatabase(postgresUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query('create database propagation');
  await client.end();
  return Object.assign(new URL(postgresUrl), { pathname: '/propagation' }).href;
}

function percentiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number) => (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

if (import.meta.main) await run();
