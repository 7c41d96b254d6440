import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { serialiseModel } from '../../core/detection/records/model/model-format.ts';
import { trainRecordModel } from '../../core/detection/records/model/record-model.ts';
import { finish } from '../../core/domain/steps.ts';
import { mariadbConnection } from '../mariadb-url.ts';
import { CODECS } from './codec.ts';
import { type StoredBlock, windowOf } from './history-window.ts';
import type { TrainingJob, TrainingReply, TrainingResult, TrainingWorkerData } from './training-job.ts';

/** Thread entry: loads windows over a read-only connection of its own and trains, off the service's event loop. */

type LoadBlocks = (job: TrainingJob) => Promise<StoredBlock[]>;

const COLUMNS = { shape: 'shape_baseline_id', dataset: 'dataset_baseline_id' } as const;

const { location } = workerData as TrainingWorkerData;
const loadBlocks = await openBlocks();

parentPort?.on('message', ({ id, job }: { id: number; job: TrainingJob }) => {
  void reply(id, job).then((message) => {
    const model = 'result' in message && message.result?.model;
    parentPort?.postMessage(message, model ? [model.buffer] : []);
  });
});

async function reply(id: number, job: TrainingJob): Promise<TrainingReply> {
  try {
    return { id, result: await train(job) };
  } catch (error) {
    return { id, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function train(job: TrainingJob): Promise<TrainingResult | null> {
  const window = windowOf(await loadBlocks(job), job.maximumRecords);
  const { baselineKey, version, trainedAt, minimumRecords } = job;
  const model = finish(trainRecordModel(window.records, { baselineKey, version, trainedAt, minimumRecords }));
  if (model === null) return null;
  const bytes = serialiseModel(model);
  return {
    model: bytes,
    stored: gzipSync(bytes, { level: 1 }),
    featuresCount: model.encoder.columns.length,
    recordsCount: window.records.length,
    cut: window.cut,
  };
}

function openBlocks(): Promise<LoadBlocks> {
  switch (location.dialect) {
    case 'sqlite':
      return sqliteBlocks(location.path);
    case 'postgresql':
      return postgresqlBlocks(location.url);
    case 'mariadb':
      return mariadbBlocks(location.url);
  }
}

async function sqliteBlocks(path: string): Promise<LoadBlocks> {
  const { default: Sqlite } = await import('better-sqlite3');
  const database = new Sqlite(path, { readonly: true });
  // In kB: a window is read once, from its first page to its last.
  database.pragma('cache_size = -1000');
  return async (job) => {
    const rows = database
      .prepare<[string, number], { observation_id: string; at: number; records: string }>(
        `select observation_id, at, records from history_blocks where ${COLUMNS[job.rung]} = ? and quarantined = 0 order by best_priority limit ?`,
      )
      .all(job.baselineId, job.maximumRecords);
    return rows.map((row) => ({
      observationId: row.observation_id,
      at: row.at,
      records: JSON.parse(row.records) as StoredBlock['records'],
    }));
  };
}

async function postgresqlBlocks(url: string): Promise<LoadBlocks> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  // An idle connection that breaks is replaced at the next use.
  pool.on('error', () => {});
  return async (job) => {
    const { rows } = await pool.query<{ observation_id: string; at: Date; records: StoredBlock['records'] }>(
      `select observation_id, at, records from history_blocks where ${COLUMNS[job.rung]} = $1 and not quarantined order by best_priority limit $2`,
      [job.baselineId, job.maximumRecords],
    );
    return rows.map((row) => ({ observationId: row.observation_id, at: row.at.getTime(), records: row.records }));
  };
}

async function mariadbBlocks(url: string): Promise<LoadBlocks> {
  const { createPool } = await import('mariadb');
  const pool = createPool({
    ...mariadbConnection(url),
    charset: 'utf8mb4',
    dateStrings: true,
    connectionLimit: 1,
  });
  const { readInstant } = CODECS.mariadb;
  return async (job) => {
    const rows = await pool.query<{ observation_id: string; at: string; records: StoredBlock['records'] }[]>(
      `select observation_id, at, records from history_blocks where ${COLUMNS[job.rung]} = ? and not quarantined order by best_priority limit ?`,
      [job.baselineId, job.maximumRecords],
    );
    return rows.map((row) => ({ observationId: row.observation_id, at: readInstant(row.at), records: row.records }));
  };
}
