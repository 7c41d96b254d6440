import type { Uuid } from '../../core/domain/ids.ts';
import type { OpenStore } from '../../schema/store/store.ts';

/** Stores the n-th of some instances, each a row of `kill_switch_instances` named by its number. */
export function beatOf(store: Pick<OpenStore, 'instances'>, n: number): Promise<void> {
  return store.instances.beat({
    id: `01900000-0000-7000-8000-${String(n).padStart(12, '0')}` as Uuid,
    name: String(n),
    environment: null,
    startedAt: 1_000,
    heartbeatAt: 2_000,
    appliedRevision: 0,
    appliedAt: 1_000,
    state: 'current',
    unsupported: [],
    erroring: [],
    selfTest: null,
  });
}
