import { Worker } from 'node:worker_threads';
import type { DatabaseLocation } from './database-url.ts';
import type { TrainingJob, TrainingReply, TrainingResult, TrainingWorkerData } from './training-job.ts';

export interface Trainer {
  /** Null when the stored window is below the minimum. */
  train(job: TrainingJob): Promise<TrainingResult | null>;
  /** Ends the training that goes on, as failed; no other begins. */
  close(): Promise<void>;
}

// From sources the thread runs the .ts file, from dist its compiled twin.
const ENTRY = new URL(`./training-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** An idle thread gives its memory back by ending: what a window of a hundred thousand records left behind. */
const IDLE_MS = 5_000;
/** Short-lived garbage is collected in small portions; V8 would take 128 MB for it. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 16 };

/** Runs training jobs on one thread, started with the first job, ended when idle and started anew should it die. */
export function createTrainer(location: DatabaseLocation): Trainer {
  const waiting = new Map<number, { resolve(result: TrainingResult | null): void; reject(error: Error): void }>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;
  let closed = false;

  function started(): Worker {
    if (worker) return worker;
    const thread = new Worker(ENTRY, {
      workerData: { location } satisfies TrainingWorkerData,
      resourceLimits: RESOURCE_LIMITS,
    });
    thread.unref();
    thread.on('message', (reply: TrainingReply) => {
      const job = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('fault' in reply) job?.reject(new Error(`training: ${reply.fault}`));
      else job?.resolve(reply.result);
      if (waiting.size === 0) idle = setTimeout(() => endIdle(thread), IDLE_MS).unref();
    });
    const lost = (error: Error) => {
      if (worker === thread) worker = undefined;
      for (const job of waiting.values()) job.reject(error);
      waiting.clear();
    };
    thread.on('error', lost);
    thread.on('exit', (code) => {
      if (worker === thread) lost(new Error(`the training thread ended with code ${code}`));
    });
    worker = thread;
    return thread;
  }

  function endIdle(thread: Worker): void {
    if (waiting.size > 0 || worker !== thread) return;
    worker = undefined;
    void thread.terminate();
  }

  return {
    async train(job) {
      if (closed) throw new Error('the trainer is closed');
      clearTimeout(idle);
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        started().postMessage({ id, job });
      });
    },
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}
