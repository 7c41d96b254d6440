import type { Effects, WriteOutcome } from '../../core/domain/effects.ts';
import type { EffectsWriter } from '../../core/services/ports/store.ts';
import { isAwayForWriting, isLostRace } from '../database-away.ts';

export interface EffectsWriterDeps {
  /** Applies a batch in one transaction; resolves to the ids of the observations that were new. */
  apply(batch: readonly Effects[]): Promise<ReadonlySet<string>>;
  /** An observation whose effects the database refuses by themselves: set aside and counted. */
  onCulprit(effects: Effects, error: unknown): void;
  /** Called when the database goes away and when it is back. */
  onOutage(away: boolean, error?: unknown): void;
  readonly limits?: Partial<WriterLimits>;
}

export interface WriterLimits {
  /** Longest wait for company before a batch is written, in ms. */
  readonly maxWaitMs: number;
  readonly maxBatch: number;
  /** Effects kept while the database is away; beyond it new ones are dropped. */
  readonly maxQueued: number;
  readonly retryMs: number;
}

const DEFAULTS: WriterLimits = { maxWaitMs: 5, maxBatch: 256, maxQueued: 10_000, retryMs: 500 };

/** To write a batch that lost against another transaction. */
const MOST_ATTEMPTS = 5;

interface Pending {
  readonly effects: Effects;
  resolve(outcome: WriteOutcome): void;
}

export interface Writer extends EffectsWriter {
  readonly queued: number;
  readonly away: boolean;
  /** Writes what is queued, at most for `graceMs`; returns how many effects were left unwritten. */
  drain(graceMs: number): Promise<number>;
}

/**
 * The one writer of a process (design D8). Batches form by themselves: while one is being written the next gathers. A
 * batch that the database refuses is halved until the culprit stands alone. While the database is away callers are told
 * `deferred` at once and their effects wait, bounded.
 */
export function createEffectsWriter(deps: EffectsWriterDeps): Writer {
  const limits = { ...DEFAULTS, ...deps.limits };
  const queue: Pending[] = [];
  let away = false;
  let running: Promise<void> | undefined;
  let closing = false;
  let wakeRetry: (() => void) | undefined;

  const submit = (effects: Effects): Promise<WriteOutcome> => {
    if (queue.length >= limits.maxQueued) return Promise.resolve('dropped');
    const outcome = new Promise<WriteOutcome>((resolve) => queue.push({ effects, resolve }));
    running ??= run();
    return away ? Promise.resolve('deferred') : outcome;
  };

  async function run(): Promise<void> {
    await gather();
    while (queue.length > 0) {
      const batch = queue.slice(0, limits.maxBatch);
      if (await written(batch)) queue.splice(0, batch.length);
      else if (closing) break;
      else await pause(limits.retryMs);
    }
    running = undefined;
  }

  /** Lets everything that is ready in this turn of the event loop join the batch; waits only when there is company. */
  async function gather(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const deadline = performance.now() + limits.maxWaitMs;
    let seen = 0;
    while (queue.length > 1 && queue.length > seen && queue.length < limits.maxBatch && performance.now() < deadline) {
      seen = queue.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Whether the batch is dealt with; false while the database is away. */
  async function written(batch: readonly Pending[]): Promise<boolean> {
    try {
      const fresh = await apply(batch);
      if (away) announce(false);
      for (const { effects, resolve } of batch) resolve(fresh.has(effects.observation.id) ? 'committed' : 'duplicate');
      return true;
    } catch (error) {
      if (isAwayForWriting(error)) {
        if (!away) announce(true, error);
        for (const pending of queue) pending.resolve('deferred');
        return false;
      }
      return bisect(batch, error);
    }
  }

  /** Again at once where another instance's transaction won; who loses that often is kept from writing. */
  async function apply(batch: readonly Pending[]): Promise<ReadonlySet<string>> {
    const effects = batch.map((pending) => pending.effects);
    for (let attempt = 1; ; attempt++) {
      try {
        return await deps.apply(effects);
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !isLostRace(error)) throw error;
      }
    }
  }

  async function bisect(batch: readonly Pending[], error: unknown): Promise<boolean> {
    const [only] = batch;
    if (batch.length === 1 && only) {
      deps.onCulprit(only.effects, error);
      only.resolve('dropped');
      return true;
    }
    const middle = batch.length >> 1;
    // Both halves are idempotent (delivery keys), so a half that was written before an outage may be written again.
    return (await written(batch.slice(0, middle))) && (await written(batch.slice(middle)));
  }

  function announce(now: boolean, error?: unknown): void {
    away = now;
    deps.onOutage(now, error);
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeRetry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    submit,
    get queued() {
      return queue.length;
    },
    get away() {
      return away;
    },
    async drain(graceMs) {
      closing = true;
      wakeRetry?.();
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
      await Promise.race([running ?? Promise.resolve(), grace]);
      clearTimeout(timer);
      return queue.length;
    },
  };
}
