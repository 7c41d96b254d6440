import type { Stage } from '../domain/decision.ts';
import type { Uuid } from '../domain/ids.ts';
import type { KillSwitchRule, RuleGuard } from '../domain/kill-switch-rule.ts';
import { type Clock, type Instant, SECOND } from '../domain/time.ts';
import type { CompiledRule } from '../kill-switch/compile-rule.ts';

export interface RuleGuardsDeps {
  readonly clock: Clock;
  onTrip(rule: KillSwitchRule, share: number): void;
}

export interface RuleGuards {
  /** Guards the rule as it is from now on; the window goes on where its revision is the same. */
  watch(compiled: CompiledRule): void;
  /** The rule is no longer in force. */
  forget(id: Uuid): void;
  /**
   * Counts one decision of a namespace and the active rules that matched; the stage is null for facts of programs. Costs
   * nothing while no rule is guarded.
   */
  count(namespace: string, matched: readonly string[], stage: Stage | null): void;
  /** The rule as it is in force here: in dry run once its guard has tripped, until somebody changes it. */
  inForce(rule: KillSwitchRule): KillSwitchRule;
}

interface Watched {
  readonly compiled: CompiledRule;
  readonly guard: RuleGuard;
  windowStart: Instant;
  requests: number;
  hits: number;
}

/**
 * The share of decisions that a rule acts on, per process and in windows that follow one another. A rule that acts on
 * more than its author thought possible is a mistake that must not wait for a person.
 */
export function createRuleGuards({ clock, onTrip }: RuleGuardsDeps): RuleGuards {
  const watched = new Map<Uuid, Watched>();
  /** Rule id → its revision when the guard tripped. */
  const tripped = new Map<string, number>();

  return {
    watch(compiled) {
      const { rule } = compiled;
      const known = watched.get(rule.id);
      watched.delete(rule.id);
      if (rule.guard === null || rule.status !== 'active') return;
      const window = known?.compiled.rule.revision === rule.revision ? known : undefined;
      const { windowStart, requests, hits } = window ?? { windowStart: clock.now(), requests: 0, hits: 0 };
      watched.set(rule.id, { compiled, guard: rule.guard, windowStart, requests, hits });
    },
    forget: (id) => void watched.delete(id),
    count(namespace, matched, stage) {
      for (const entry of watched.values()) {
        const { compiled, guard } = entry;
        if (compiled.rule.namespace !== namespace) continue;
        if (stage !== null && compiled.stages?.includes(stage) === false) continue;
        const now = clock.now();
        if (now - entry.windowStart >= guard.windowSeconds * SECOND) {
          [entry.windowStart, entry.requests, entry.hits] = [now, 0, 0];
        }
        entry.requests++;
        if (matched.includes(compiled.rule.key)) entry.hits++;
        const share = entry.hits / entry.requests;
        if (entry.requests < guard.minRequests || share <= guard.maxShare) continue;
        tripped.set(compiled.rule.id, compiled.rule.revision);
        watched.delete(compiled.rule.id);
        onTrip(compiled.rule, share);
      }
    },
    inForce: (rule) =>
      tripped.get(rule.id) === rule.revision && rule.status === 'active' ? { ...rule, status: 'dry_run' } : rule,
  };
}
