/**
 * Time to compile a request, and the engine's CPU per request (all threads of this process) against hand-written SQL on the
 * bare driver: no HTTP on either side, see `ndc-cpu.bench.ts` for that. `npx node test/bench/run.ts query`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import pg from 'pg';
import type { QueryRequestForm } from '../../schema/query/form.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import type { QueryRunner } from '../../schema/query/query-runner.ts';
import { compileQuery, runQuery } from '../../schema/query/run-query.ts';
import { createPostgresReader } from '../../schema/readers/postgres-reader.ts';
import { createSqliteReader } from '../../schema/readers/sqlite-reader.ts';
import { statementsOf } from '../support/query-databases.ts';
import { fixtureCatalogue } from '../support/query-fixture.ts';
import { type Bare, HAND_WRITTEN, type HandWritten, REQUESTS, fillPostgres, rows } from './query-workload.ts';

const COMPILE_ROUNDS = 20;
const COMPILES_PER_ROUND = 1_000;
const ROUNDS = 7;
const REQUESTS_PER_ROUND = 60;

const engine = createQueryEngine(fixtureCatalogue);

export async function run(): Promise<void> {
  const compileMs = Object.entries(REQUESTS).map(([name, form]) => printCompile(name, form));
  await onSqlite();
  const url = process.env['TEST_POSTGRES_URL'];
  if (url) await onPostgres(url, compileMs[0] as number);
  else console.log('PostgreSQL: not measured; set TEST_POSTGRES_URL');
}

/** Returns the median, in ms. */
function printCompile(name: string, form: QueryRequestForm): number {
  // Elapsed, as the CPU clock of a thread has too coarse a tick; of the round that others disturbed least.
  const all = Array.from({ length: COMPILE_ROUNDS }, () => {
    const times = Array.from({ length: COMPILES_PER_ROUND }, () => {
      const start = performance.now();
      compileQuery(engine, 'postgresql', form);
      return performance.now() - start;
    });
    return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
  });
  const medianMs = quantile(
    all.map((round) => round.median),
    0.5,
  );
  const p99Ms = Math.min(...all.map((round) => round.p99));
  console.log(
    `compile  ${name}: median ${ms(medianMs)}, p99 ${ms(p99Ms)} in the quietest of ${COMPILE_ROUNDS} rounds (mark: p99 ≤ 1 ms)`,
  );
  return medianMs;
}

async function onSqlite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-bench-'));
  const path = join(folder, 'bench.sqlite');
  const writer = new Database(path);
  writer.pragma('journal_mode = wal');
  writer.transaction(() => {
    for (const { sql, values } of statementsOf('sqlite', rows())) writer.prepare(sql).run(...values);
    writer.exec('create index albums_artist on albums (artist_id)');
  })();
  const reader = createSqliteReader({ path, connections: 1 });
  const bare: Bare = async (sql, values) => writer.prepare(sql).all(...values) as Record<string, unknown>[];
  await compareWithHand('SQLite', 'sqlite', reader, bare);
  await reader.close();
  writer.close();
  rmSync(folder, { recursive: true });
}

/** @param compileMs of the first request, which is the indexed query of 100 rows */
async function onPostgres(url: string, compileMs: number): Promise<void> {
  const database = await fillPostgres(url);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const reader = createPostgresReader({ connectionString: database.url, connections: 1 });
  const bare: Bare = async (sql, values) => (await client.query(sql, [...values])).rows;
  const [list] = await compareWithHand('PostgreSQL', 'postgresql', reader, bare);
  const share = (compileMs / (list as Measured).elapsed) * 100;
  console.log(`compile  ${share.toFixed(1)} % of the time of the first by hand on PostgreSQL (mark: ≤ 5 %)`);
  await reader.close();
  await client.end();
  await database.drop();
}

interface Measured {
  /** Per request, in ms. */
  readonly cpu: number;
  readonly elapsed: number;
}

/** By turns, medians; returns what was measured by hand. */
async function compareWithHand(
  label: string,
  dialect: 'sqlite' | 'postgresql',
  runner: QueryRunner,
  bare: Bare,
): Promise<Measured[]> {
  const byHand: Measured[] = [];
  for (const [name, form] of Object.entries(REQUESTS)) {
    const hand = HAND_WRITTEN[name] as HandWritten;
    const tasks = [
      async () => JSON.stringify(await runQuery(engine, runner, form)),
      async () => JSON.stringify(await hand(bare, dialect)),
    ];
    for (const task of tasks) await measure(task, 3 * REQUESTS_PER_ROUND);
    const rounds: Measured[][] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const round: Measured[] = [];
      for (const task of tasks) round.push(await measure(task, REQUESTS_PER_ROUND));
      rounds.push(round);
    }
    const median = (of: (round: Measured[]) => number): number => quantile(rounds.map(of), 0.5);
    const [ours, theirs] = [0, 1].map((task) => ({
      cpu: median((round) => (round[task] as Measured).cpu),
      elapsed: median((round) => (round[task] as Measured).elapsed),
    })) as [Measured, Measured];
    const ratio = median(([own, other]) => (own as Measured).cpu / (other as Measured).cpu).toFixed(2);
    console.log(
      `${label}  ${name}: CPU ${ms(ours.cpu)} against ${ms(theirs.cpu)} by hand, ratio ${ratio}; elapsed ${ms(ours.elapsed)} against ${ms(theirs.elapsed)}`,
    );
    byHand.push(theirs);
  }
  return byHand;
}

async function measure(task: () => Promise<string>, count: number): Promise<Measured> {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  for (let i = 0; i < count; i++) await task();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1_000 / count, elapsed: (performance.now() - start) / count };
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] as number;
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`;
}

if (import.meta.main) await run();
