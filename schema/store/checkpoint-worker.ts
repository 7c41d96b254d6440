import { workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

/**
 * Thread entry: moves what stands in SQLite's write-ahead log into the database file. That waits for the disk, which is
 * why it is not left to a commit on the service's event loop. A passive checkpoint makes no writer wait.
 */
const { path, everyMs } = workerData as CheckpointWorkerData;

export interface CheckpointWorkerData {
  readonly path: string;
  readonly everyMs: number;
}

const database = new Sqlite(path);
setInterval(() => database.pragma('wal_checkpoint(passive)'), everyMs);
