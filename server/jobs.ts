import type { Log } from './log.ts';

export interface Job {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

/**
 * Runs each job again and again, the next time counted from the end of the last, with a tenth of jitter so that
 * instances don't march in step. A job that fails is logged and tried again.
 */
export function startJobs(jobs: readonly Job[], log: Log): { stop(): Promise<void> } {
  let stopped = false;
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();

  function schedule(job: Job): void {
    if (stopped) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        const run = runOnce(job).finally(() => {
          running.delete(run);
          schedule(job);
        });
        running.add(run);
      },
      job.everyMs * (0.95 + Math.random() * 0.1),
    );
    timers.add(timer);
  }

  async function runOnce(job: Job): Promise<void> {
    try {
      await job.run();
    } catch (error) {
      log.warn({ job: job.name, err: error }, 'a job failed and will be tried again');
    }
  }

  for (const job of jobs) schedule(job);
  return {
    async stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
