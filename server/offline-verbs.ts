import { unavailable } from '../core/domain/errors.ts';
import { systemClock } from '../core/domain/time.ts';
import { createBaselineRegistry } from '../core/services/baseline-registry.ts';
import { createKillSwitchService } from '../core/services/kill-switch-service.ts';
import { createVerbTable } from '../core/services/verbs/verb-table.ts';
import type { VerbTable } from '../core/services/verbs/verb.ts';

/** The verb table for commands that describe it and never run it: every port says that there is no store. */
export function offlineVerbs(): VerbTable {
  const refuse = () => Promise.reject(unavailable('NO_STORE', 'This command runs without a store.'));
  const onFault = (_what: string, error: unknown) => {
    throw error;
  };
  return createVerbTable({
    clock: systemClock,
    expected: { refresh: refuse },
    retention: { log: 30, anomalies: 90, history: 14, models: 360 },
    registry: createBaselineRegistry({
      history: { stateOf: refuse, standings: refuse },
      models: { train: refuse },
      minimumRecords: 100,
      alpha: 0.01,
      onFault,
    }),
    killSwitch: createKillSwitchService({
      rules: { revision: refuse, enforceable: refuse, changedSince: refuse },
      clock: systemClock,
      disabled: false,
      pause: () => Promise.resolve(),
      onUnsupported: () => {},
    }),
    instances: { awaitEverywhere: refuse },
    pause: () => Promise.resolve(),
    queries: { overview: refuse, analyzeRecord: refuse },
  });
}
