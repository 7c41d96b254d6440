import type { ObjectDef } from '../../domain/kind.ts';
import { CHECK_OBJECTS, checkConditionVerb, type CheckRuleDeps, checkRuleVerb } from './kill-switch-checks.ts';
import { FUNCTION_OBJECTS, type KillSwitchFunctionDeps, killSwitchFunctions } from './kill-switch-functions.ts';
import { type KillSwitchProcedureDeps, killSwitchProcedures } from './kill-switch-procedures.ts';
import { REPLAY_OBJECTS, type ReplayDeps, replayVerb } from './kill-switch-replay.ts';
import type { Verb } from './verb.ts';

export type KillSwitchVerbDeps = KillSwitchProcedureDeps & KillSwitchFunctionDeps & CheckRuleDeps & ReplayDeps;

export const KILL_SWITCH_OBJECTS: readonly ObjectDef[] = [...FUNCTION_OBJECTS, ...CHECK_OBJECTS, ...REPLAY_OBJECTS];

export function killSwitchVerbs(deps: KillSwitchVerbDeps): Verb[] {
  return [
    ...killSwitchProcedures(deps),
    ...killSwitchFunctions(deps),
    checkConditionVerb(),
    checkRuleVerb(deps),
    replayVerb(deps),
  ];
}
