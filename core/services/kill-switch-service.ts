import type { Decision, Stage } from '../domain/decision.ts';
import { DDN_NAMESPACE, type KillSwitchRule } from '../domain/kill-switch-rule.ts';
import { type Clock, SECOND } from '../domain/time.ts';
import { decide } from '../kill-switch/decide.ts';
import { buildRuleSetInSteps, emptyRuleSet, type RuleSet } from '../kill-switch/rule-index.ts';
import type { RulesPort } from './ports.ts';

export interface KillSwitchDeps {
  readonly rules: RulesPort;
  readonly clock: Clock;
  /** KILL_SWITCH_DISABLED: everything is evaluated and counted, nothing is enforced. */
  readonly disabled: boolean;
  /** Lets others run between two slices of compiling. */
  pause(): Promise<void>;
  onUnsupported(rule: { readonly namespace: string; readonly key: string; readonly message: string }): void;
}

export interface KillSwitchService {
  /** The answer to a fact at a stage of a DDN request, from memory; counts nothing. */
  decide(fact: object, stage: Stage): Decision;
  /** The answer to a free fact of any namespace, whatever the stage. */
  evaluate(namespace: string, fact: object): Decision;
  /** False when no rule of the ddn namespace can match at the stage. */
  hasRules(stage: Stage): boolean;
  /** Takes over what changed in the store. Rejects when the store does not answer; the rules then stay as they are. */
  refresh(): Promise<void>;
  readonly loaded: boolean;
  readonly revision: number;
}

/** Polled every 2 s: after two missed polls the rules are called stale. */
const STALE_AFTER_MS = 5 * SECOND;
const SLICE_MS = 4;

/** Rules held in memory, compiled and indexed; the store's revision counter is the truth about whether they are current. */
export function createKillSwitchService(deps: KillSwitchDeps): KillSwitchService {
  let sets: ReadonlyMap<string, RuleSet> = new Map();
  let revision = -1;
  let refreshedAt = -Infinity;
  let refreshing: Promise<void> | undefined;
  let wanted = false;

  const stale = () => deps.clock.now() - refreshedAt > STALE_AFTER_MS;
  const setOf = (namespace: string) => sets.get(namespace) ?? emptyRuleSet(namespace);

  function ask(namespace: string, fact: object, stage: Stage | null): Decision {
    const decision = decide(setOf(namespace), fact, deps.clock.now(), stage, { stale: stale() });
    return { ...decision, revision: Math.max(0, revision) };
  }

  async function load(): Promise<void> {
    const current = await deps.rules.revision();
    if (current !== revision) {
      const { revision: loaded, rules } = await deps.rules.enforceable();
      sets = await compile(rules, loaded);
      revision = loaded;
    }
    refreshedAt = deps.clock.now();
  }

  async function compile(rules: readonly KillSwitchRule[], loaded: number): Promise<ReadonlyMap<string, RuleSet>> {
    const next = new Map<string, RuleSet>();
    for (const [namespace, own] of Map.groupBy(rules, (rule) => rule.namespace)) {
      const set = await inSlices(
        buildRuleSetInSteps({ namespace, rules: own, revision: loaded, previous: sets.get(namespace) ?? null }),
      );
      for (const { key, message } of set.unsupported) deps.onUnsupported({ namespace, key, message });
      next.set(namespace, set);
    }
    return next;
  }

  async function inSlices<T>(steps: Generator<undefined, T>): Promise<T> {
    let turn = performance.now();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() - turn > SLICE_MS) {
        await deps.pause();
        turn = performance.now();
      }
    }
  }

  /** One load at a time; a call during a load asks for one more, since that load may have read before the change. */
  async function refresh(): Promise<void> {
    if (refreshing) {
      wanted = true;
      await refreshing;
      if (wanted) {
        wanted = false;
        return refresh();
      }
      return;
    }
    refreshing = load();
    try {
      await refreshing;
    } finally {
      refreshing = undefined;
    }
  }

  return {
    decide(fact, stage) {
      const decision = ask(DDN_NAMESPACE, fact, stage);
      if (!deps.disabled) return decision;
      return {
        ...decision,
        terminal: null,
        strip: [],
        mask: [],
        matched: [],
        wouldMatch: [...decision.matched, ...decision.wouldMatch],
      };
    },
    evaluate: (namespace, fact) => ask(namespace, fact, null),
    hasRules(stage) {
      for (const rule of setOf(DDN_NAMESPACE).rules.values())
        if (rule.stages === null || rule.stages.includes(stage)) return true;
      return false;
    },
    refresh,
    get loaded() {
      return revision >= 0;
    },
    get revision() {
      return Math.max(0, revision);
    },
  };
}
