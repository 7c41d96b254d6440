import { ANOMALY_OBJECTS, type AnomalyVerbDeps, anomalyVerbs } from './anomaly-verbs.ts';
import { KILL_SWITCH_OBJECTS, type KillSwitchVerbDeps, killSwitchVerbs } from './kill-switch-verbs.ts';
import { MAINTENANCE_OBJECTS, type MaintenanceVerbDeps, maintenanceVerbs } from './maintenance-verbs.ts';
import { QUERY_OBJECTS, type QueryVerbDeps, queryVerbs } from './query-verbs.ts';
import type { VerbTable } from './verb.ts';

export type VerbDeps = AnomalyVerbDeps & KillSwitchVerbDeps & MaintenanceVerbDeps & QueryVerbDeps;

/** Everything a caller can do or ask, on every surface. */
export function createVerbTable(deps: VerbDeps): VerbTable {
  const verbs = [...anomalyVerbs(deps), ...killSwitchVerbs(deps), ...maintenanceVerbs(deps), ...queryVerbs(deps)];
  return {
    verbs: new Map(verbs.map((verb) => [verb.name, verb])),
    objects: [...ANOMALY_OBJECTS, ...KILL_SWITCH_OBJECTS, ...MAINTENANCE_OBJECTS, ...QUERY_OBJECTS],
  };
}
