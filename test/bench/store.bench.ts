import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mariadb';
import pg from 'pg';
import { ladderOf } from '../../core/domain/baseline.ts';
import type { Effects } from '../../core/domain/effects.ts';
import type { Finding } from '../../core/domain/finding.ts';
import { systemClock } from '../../core/domain/time.ts';
import { openDatabase } from '../../schema/store/database.ts';
import type { DatabaseLocation } from '../../schema/store/database-url.ts';
import { createStore, type OpenStore } from '../../schema/store/store.ts';
import { datasetOf, observationOf, shapeOf } from '../support/observations.ts';

/**
 * The hot path of the store: observations of 10 records × 8 columns through the writer into each database, one in twenty
 * with a finding. SQLite always; PostgreSQL and MariaDB where TEST_POSTGRES_URL and TEST_MARIADB_URL name a server. Each
 * server keeps its own idea of a durable commit, so the databases are compared by CPU and only then by time.
 */
const BATCH = 256;
const WARM_BATCHES = 4;
const BATCHES = 16;
const ALONE = 200;

const TABLES = ['request_log', 'history_blocks', 'anomaly_analyses', 'anomaly_records', 'anomaly_fields'] as const;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-bench-'));
  await measure('SQLite', { dialect: 'sqlite', path: join(folder, 'bench.db') });
  rmSync(folder, { recursive: true });
  const name = `bench_${randomBytes(4).toString('hex')}`;
  await onPostgresql(process.env['TEST_POSTGRES_URL'], name);
  await onMariadb(process.env['TEST_MARIADB_URL'], name);
}

async function onPostgresql(server: string | undefined, name: string): Promise<void> {
  if (!server) return console.log('PostgreSQL: skipped, TEST_POSTGRES_URL is not set');
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await measure('PostgreSQL', { dialect: 'postgresql', url: urlOf(server, name) });
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
}

async function onMariadb(server: string | undefined, name: string): Promise<void> {
  if (!server) return console.log('MariaDB: skipped, TEST_MARIADB_URL is not set');
  const { hostname: host, port, username: user, password } = new URL(server);
  const admin = await createConnection({ host, port: Number(port || 3306), user, password });
  await admin.query(`create database ${name}`);
  await measure('MariaDB', { dialect: 'mariadb', url: urlOf(server, name) });
  await admin.query(`drop database ${name}`);
  await admin.end();
}

const urlOf = (server: string, name: string): string => Object.assign(new URL(server), { pathname: `/${name}` }).href;

async function measure(label: string, location: DatabaseLocation): Promise<void> {
  const database = await openDatabase(location);
  await database.migrate();
  const store = createStore({
    database,
    clock: systemClock,
    minimumRecords: 100,
    maximumRecords: 1_000,
    onCulprit: (_effects, error) => {
      throw error;
    },
    onOutage: () => {},
  });
  const rows = async () => {
    let sum = 0;
    for (const table of TABLES) {
      const query = database.kysely.selectFrom(table).select((select) => select.fn.countAll().as('n'));
      sum += Number((await query.executeTakeFirstOrThrow()).n);
    }
    return sum;
  };

  for (let i = 0; i < WARM_BATCHES; i++) await submit(store, BATCH);
  const rowsBefore = await rows();
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  for (let i = 0; i < BATCHES; i++) await submit(store, BATCH);
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const written = (await rows()) - rowsBefore;
  const observations = BATCH * BATCHES;

  const aloneStarted = performance.now();
  for (let i = 0; i < ALONE; i++) await submit(store, 1);
  const aloneMs = (performance.now() - aloneStarted) / ALONE;

  console.log(
    [
      label.padEnd(10),
      `${Math.round(observations / seconds)} observations/s`,
      `${Math.round(written / seconds)} rows/s`,
      `${((user + system) / 1_000 / observations).toFixed(3)} ms CPU of this process per observation`,
      `${aloneMs.toFixed(2)} ms for one alone`,
    ].join('   '),
  );
  await store.close();
}

let made = 0;

async function submit(store: OpenStore, count: number): Promise<void> {
  const outcomes = await Promise.all(Array.from({ length: count }, () => store.writer.submit(effects(made++))));
  if (outcomes.some((outcome) => outcome !== 'committed'))
    throw new Error(`not all were committed: ${outcomes.join(', ')}`);
}

const COLUMNS = ['id', 'total', 'quantity', 'country', 'status', 'paid', 'created_at', 'note'];

function effects(n: number): Effects {
  const rows = Array.from({ length: 10 }, (_, row) =>
    Object.fromEntries(COLUMNS.map((column, i) => [column, (n * 10 + row) * (i + 1)])),
  );
  const observation = observationOf({
    at: Date.now(),
    receivedAt: Date.now(),
    role: `role ${n % 3}`,
    shape: shapeOf(`query Q${n % 20} { orders { id } }`),
    datasets: [datasetOf('orders', rows)],
  });
  const findings = n % 20 === 0 ? [FINDING] : [];
  return {
    observation,
    hook: 'pre-response',
    verdict: 'allowed',
    ruleKey: null,
    analysis: {
      observation,
      anomalous: findings.length > 0,
      datasets: [],
      queryFindings: findings,
      recommendations: [],
    },
    lessons: [
      {
        ladder: ladderOf(observation, 'orders'),
        columns: COLUMNS,
        records: rows.map((row, i) => ({ priority: (n * 10 + i) / 1e6, features: Object.values(row) })),
        quarantined: [],
        learntCount: rows.length,
      },
    ],
  };
}

const FINDING: Finding = {
  kind: 'unusual_value',
  subject: { kind: 'record', dataset: 'orders', index: 3 },
  severity: 'medium',
  p: 0.0004,
  score: 0.8,
  reason: 'total 98,400, usually 12–940',
  fields: [
    {
      path: 'total',
      value: '98,400',
      contribution: 0.9,
      tailProbability: 0.0004,
      usual: { low: 12, median: 100, high: 940 },
      text: 'total 98,400, usually 12–940',
    },
  ],
};

if (import.meta.main) await run();
