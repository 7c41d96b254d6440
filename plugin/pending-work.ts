import type { HookName } from '../core/domain/effects.ts';
import type { PluginServices } from './plugin-services.ts';

export interface PendingLimits {
  readonly maxPending: number;
  /** Characters of the bodies that pending work holds on to. */
  readonly maxPendingCharacters: number;
}

/**
 * Work on responses that is under way. What exceeds the limits is dropped and counted: neither the client's request nor
 * the memory of the process may pay for a store that is slower than the traffic.
 */
export interface PendingWork {
  /** Runs at once; resolves when done, or at once when dropped. Failures are the caller's. */
  run(hook: HookName, characters: number, work: () => Promise<void>): Promise<void>;
  /** Runs after the reply has left; failures are logged and counted. */
  runLater(hook: HookName, characters: number, work: () => Promise<void>): void;
  /** Resolves when nothing is under way any more. */
  drain(): Promise<void>;
}

export function createPendingWork(services: Pick<PluginServices, 'count' | 'log'>, limits: PendingLimits): PendingWork {
  const pending = new Set<Promise<void>>();
  let pendingCharacters = 0;

  /** One body alone may exceed the limit of characters: each is bounded by its own. */
  function hasRoomFor(characters: number): boolean {
    if (pending.size >= limits.maxPending) return false;
    return pending.size === 0 || pendingCharacters + characters <= limits.maxPendingCharacters;
  }

  function start(hook: HookName, characters: number, work: () => Promise<void>): Promise<void> {
    if (!hasRoomFor(characters)) {
      services.count('dropped', hook);
      return Promise.resolve();
    }
    pendingCharacters += characters;
    const running = work().finally(() => {
      pendingCharacters -= characters;
      pending.delete(running);
    });
    pending.add(running);
    return running;
  }

  async function afterReply(hook: HookName, work: () => Promise<void>): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    try {
      await work();
    } catch (error) {
      services.count('failed', hook);
      services.log.error({ hook, err: error }, 'work after a hook failed');
    }
  }

  return {
    run: start,
    runLater: (hook, characters, work) => void start(hook, characters, () => afterReply(hook, work)),
    async drain() {
      while (pending.size > 0) await Promise.allSettled(pending);
    },
  };
}
