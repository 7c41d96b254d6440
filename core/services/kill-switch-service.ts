import type { Decision, Stage } from '../domain/decision.ts';
import { DDN_NAMESPACE, type KillSwitchRule } from '../domain/kill-switch-rule.ts';
import { type Clock, type Instant, SECOND } from '../domain/time.ts';
import { CANARY_NAMESPACE } from '../kill-switch/canary.ts';
import { BLOCKED_MESSAGE, decide, type DecideOptions } from '../kill-switch/decide.ts';
import { buildRuleSetInSteps, emptyRuleSet, type RuleSet } from '../kill-switch/rule-index.ts';
import type { RuleSnapshot } from '../kill-switch/snapshot.ts';
import type { RulesPort, RulesState } from './ports.ts';
import { createRuleGuards } from './rule-guards.ts';

export interface KillSwitchDeps {
  readonly rules: Pick<RulesPort, 'revision' | 'enforceable' | 'changedSince'>;
  readonly clock: Clock;
  /** KILL_SWITCH_DISABLED: everything is evaluated and counted, nothing is enforced. */
  readonly disabled: boolean;
  /** Rules of other environments are left out; null: only rules of no environment in particular apply. */
  readonly environment?: string | null;
  /** What is answered while no rules were ever loaded. */
  readonly bootPolicy?: 'allow' | 'block';
  /** Where the rules as last known are kept for a start without the store. */
  readonly snapshot?: SnapshotPort;
  /** Lets others run between two slices of compiling. */
  pause(): Promise<void>;
  onUnsupported(rule: { readonly namespace: string; readonly key: string; readonly message: string }): void;
  /** A rule acted on more traffic than its guard allows; it is in dry run here from now on. */
  onGuard?(rule: KillSwitchRule, share: number): void;
  onFault?(what: string, error: unknown): void;
}

export interface SnapshotPort {
  /** Null where there is none that is whole. */
  read(): Promise<RuleSnapshot | null>;
  write(snapshot: RuleSnapshot): Promise<void>;
}

export interface RulesApplied {
  readonly revision: number;
  /** Namespaces of which a rule changed. */
  readonly namespaces: ReadonlySet<string>;
}

export interface KillSwitchService {
  /** The answer to a fact at a stage of a DDN request, from memory; counts nothing but what guards need. */
  decide(fact: object, stage: Stage, options?: Pick<DecideOptions, 'varying' | 'isOverdue'>): Decision;
  /** The answer to a free fact of any namespace, whatever the stage. */
  evaluate(namespace: string, fact: object): Decision;
  /** False when no rule of the ddn namespace can match at the stage. */
  hasRules(stage: Stage): boolean;
  /** Namespaces that have or had rules in force. */
  readonly namespaces: readonly string[];
  /** The rules of a namespace in force. */
  ruleSet(namespace: string): RuleSet;
  /** Takes over what changed in the store. Rejects when the store does not answer; the rules then stay as they are. */
  refresh(): Promise<void>;
  /** Takes over the snapshot, for a start without the store; false where there is none. */
  restore(): Promise<boolean>;
  /** Called after each change was taken over; returns what ends it. */
  subscribe(listener: (applied: RulesApplied) => void): () => void;
  readonly loaded: boolean;
  readonly revision: number;
  /** When the revision was taken over. */
  readonly appliedAt: Instant;
  readonly stale: boolean;
  /** `namespace.key` of rules whose previous version holds, since they do not compile here. */
  readonly unsupported: readonly string[];
}

/** Polled every 2 s: after two missed polls the rules are called stale. */
const STALE_AFTER_MS = 5 * SECOND;
const SLICE_MS = 4;

/** Rules held in memory, compiled and indexed; the store's revision counter is the truth about whether they are current. */
export function createKillSwitchService(deps: KillSwitchDeps): KillSwitchService {
  const { environment = null, bootPolicy = 'allow', clock } = deps;
  let held: ReadonlyMap<string, KillSwitchRule> = new Map();
  let sets: ReadonlyMap<string, RuleSet> = new Map();
  let revision = -1;
  /** Stages at which a rule of the ddn namespace is asked. */
  let askedAt: ReadonlySet<Stage> = new Set();
  let appliedAt = 0;
  let refreshedAt = -Infinity;
  let refreshing: Promise<void> | undefined;
  let wanted = false;
  let saving: Promise<void> | undefined;
  let replacing: Promise<void> = Promise.resolve();
  const listeners = new Set<(applied: RulesApplied) => void>();
  const guards = createRuleGuards({
    clock,
    onTrip(rule, share) {
      deps.onGuard?.(rule, share);
      void oneByOne(() => apply(held, new Set([rule.namespace]), revision)).catch((error: unknown) =>
        deps.onFault?.('a guarded rule could not be taken out of force', error),
      );
    },
  });

  const isStale = () => clock.now() - refreshedAt > STALE_AFTER_MS;
  const setOf = (namespace: string) => sets.get(namespace) ?? emptyRuleSet(namespace);

  function ask(namespace: string, fact: object, stage: Stage | null, options?: DecideOptions): Decision {
    const decision = decide(setOf(namespace), fact, clock.now(), stage, { ...options, stale: isStale() });
    return { ...decision, revision: Math.max(0, revision) };
  }

  /** What replaces the rules in force works in slices: the next waits for the one before. */
  function oneByOne(replace: () => Promise<void>): Promise<void> {
    const done = replacing.then(replace);
    replacing = done.catch(() => {});
    return done;
  }

  async function load(): Promise<void> {
    const current = await deps.rules.revision();
    if (current !== revision) {
      const next = await newer(current);
      await oneByOne(() => takeOver(next));
    }
    refreshedAt = clock.now();
  }

  /** The changes since the revision held, or everything where they do not add up: a restored database, say. */
  async function newer(current: number): Promise<RulesState & { readonly whole: boolean }> {
    if (revision >= 0 && current > revision) {
      const changes = await deps.rules.changedSince(revision);
      if (changes.revision >= current) return { ...changes, whole: false };
    }
    return { ...(await deps.rules.enforceable()), whole: true };
  }

  async function takeOver(next: RulesState & { readonly whole: boolean }): Promise<void> {
    const rules = new Map(next.whole ? [] : held);
    for (const rule of next.rules) {
      if (rule.status === 'active' || rule.status === 'dry_run') rules.set(rule.id, rule);
      else rules.delete(rule.id);
    }
    const changed = new Set(next.rules.map((rule) => rule.namespace));
    if (next.whole) for (const namespace of sets.keys()) changed.add(namespace);
    await apply(rules, changed, next.revision);
    if ([...changed].some((namespace) => namespace !== CANARY_NAMESPACE)) saveSnapshot();
  }

  async function apply(
    rules: ReadonlyMap<string, KillSwitchRule>,
    changed: ReadonlySet<string>,
    nextRevision: number,
  ): Promise<void> {
    const byNamespace = Map.groupBy(rules.values(), (rule) => rule.namespace);
    const next = new Map(sets);
    for (const namespace of changed) {
      const own = (byNamespace.get(namespace) ?? []).map(guards.inForce);
      const previous = sets.get(namespace) ?? null;
      const set = await inSlices(
        buildRuleSetInSteps({ namespace, rules: own, revision: nextRevision, previous, environment }),
      );
      for (const { key, message } of set.unsupported) deps.onUnsupported({ namespace, key, message });
      next.set(namespace, set);
    }
    held = rules;
    sets = next;
    revision = nextRevision;
    appliedAt = clock.now();
    if (changed.has(DDN_NAMESPACE)) {
      const compiled = [...setOf(DDN_NAMESPACE).rules.values()];
      askedAt = new Set(compiled.flatMap((rule) => rule.stages ?? []));
      guards.watch(compiled);
    }
    for (const listener of listeners) listener({ revision, namespaces: changed });
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

  /** One write at a time; what changes meanwhile is written after it. Nobody waits. */
  function saveSnapshot(): void {
    if (!deps.snapshot || saving) return;
    const at = revision;
    const rules = [...held.values()].filter((rule) => rule.namespace !== CANARY_NAMESPACE);
    saving = deps.snapshot
      .write({ revision, rules })
      .catch((error: unknown) => deps.onFault?.('the snapshot of the kill-switch rules could not be written', error))
      .then(() => {
        saving = undefined;
        if (revision !== at) saveSnapshot();
      });
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
    decide(fact, stage, options) {
      if (revision < 0 && bootPolicy === 'block' && !deps.disabled) return BOOT_BLOCK;
      const decision = ask(DDN_NAMESPACE, fact, stage, options);
      guards.count(decision.matched, stage);
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
      if (revision < 0) return bootPolicy === 'block';
      return askedAt.has(stage);
    },
    get namespaces() {
      return [...sets.keys()];
    },
    ruleSet: setOf,
    refresh,
    async restore() {
      const snapshot = await deps.snapshot?.read();
      if (!snapshot) return false;
      const rules = new Map(snapshot.rules.map((rule) => [rule.id, rule]));
      const namespaces = new Set(snapshot.rules.map((rule) => rule.namespace));
      await oneByOne(() => apply(rules, namespaces, snapshot.revision));
      return true;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get loaded() {
      return revision >= 0;
    },
    get revision() {
      return Math.max(0, revision);
    },
    get appliedAt() {
      return appliedAt;
    },
    get stale() {
      return isStale();
    },
    get unsupported() {
      return [...sets].flatMap(([namespace, set]) => set.unsupported.map(({ key }) => `${namespace}.${key}`));
    },
  };
}

/** Without rules and without a snapshot of any, where the configuration asks for it: nothing passes. */
const BOOT_BLOCK: Decision = {
  terminal: {
    action: { type: 'block' },
    ruleKey: '',
    message: `${BLOCKED_MESSAGE} The kill-switch rules are not loaded yet.`,
    until: null,
  },
  strip: [],
  mask: [],
  matched: [],
  wouldMatch: [],
  errors: [],
  revision: 0,
  stale: true,
};
