import { Worker } from 'node:worker_threads';
import type { DatabaseLocation } from './database-url.ts';
import type { TrainingJob, TrainingReply, TrainingResult, TrainingWorkerData } from './training-job.ts';

export interface Trainer {
  /** Null when the stored window is below the minimum. */
  train(job: TrainingJob): Promise<TrainingResult | null>;
  close(): Promise<void>;
}

// From sources the thread runs the .ts file, from dist its compiled twin.
const ENTRY = new URL(`./training-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Runs training jobs on one thread, started with the first job and started anew should it die. */
export function createTrainer(location: DatabaseLocation): Trainer {
  const waiting = new Map<number, { resolve(result: TrainingResult | null): void; reject(error: Error): void }>();
  let worker: Worker | undefined;
  let lastId = 0;

  function started(): Worker {
    if (worker) return worker;
    const thread = new Worker(ENTRY, { workerData: { location } satisfies TrainingWorkerData });
    thread.unref();
    thread.on('message', (reply: TrainingReply) => {
      const job = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('fault' in reply) job?.reject(new Error(`training: ${reply.fault}`));
      else job?.resolve(reply.result);
    });
    const lost = (error: Error) => {
      if (worker === thread) worker = undefined;
      for (const job of waiting.values()) job.reject(error);
      waiting.clear();
    };
    thread.on('error', lost);
    thread.on('exit', (code) => lost(new Error(`the training thread ended with code ${code}`)));
    worker = thread;
    return thread;
  }

  return {
    train(job) {
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        started().postMessage({ id, job });
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}
