import { Worker } from 'node:worker_threads';
import { SECOND } from '../../core/domain/time.ts';
import type { CheckpointWorkerData } from './checkpoint-worker.ts';

const EVERY_MS = SECOND;

const ENTRY = new URL(`./checkpoint-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/**
 * Checkpoints a SQLite file from a thread of its own. Should the thread die, commits do it themselves once the log is
 * long (`wal_autocheckpoint` in sqlite-dialect.ts): slower, never wrong.
 */
export function startCheckpointer(path: string, onFault: (error: Error) => void): { stop(): Promise<void> } {
  const thread = new Worker(ENTRY, { workerData: { path, everyMs: EVERY_MS } satisfies CheckpointWorkerData });
  thread.unref();
  thread.on('error', onFault);
  return {
    async stop() {
      await thread.terminate();
    },
  };
}
