import type { Decision, Stage } from '../domain/decision.ts';
import type { Uuid } from '../domain/ids.ts';
import { DDN_NAMESPACE, type KillSwitchRule } from '../domain/kill-switch-rule.ts';
import { type Clock, type Instant, SECOND } from '../domain/time.ts';
import { CANARY_NAMESPACE } from '../kill-switch/canary.ts';
import { BLOCKED_MESSAGE, decide, type DecideOptions } from '../kill-switch/decide.ts';
import type { CompiledRule } from '../kill-switch/compile-rule.ts';
import { buildRuleSetInSteps, changeRuleSetInSteps, emptyRuleSet, type RuleSet } from '../kill-switch/rule-index.ts';
import type { RuleSnapshot } from '../kill-switch/snapshot.ts';
import type { RulesPort, RulesState } from './ports/rules.ts';
import { createRuleEvaluations, type EvaluationCount } from './rule-evaluations.ts';
import { createRuleGuards } from './rule-guards.ts';
import { createSlicer } from './slices.ts';
import type { Asker } from './tally.ts';

export interface KillSwitchDeps {
  readonly rules: Pick<RulesPort, 'revision' | 'enforceable' | 'changedSince'>;
  readonly clock: Clock;
  /** KILL_SWITCH_DISABLED: everything is evaluated and counted, nothing is enforced. */
  readonly disabled: boolean;
  /** Rules of other environments are left out; null: only rules of no environment in particular apply. */
  readonly environment?: string | null;
  /** What is answered while no rules were ever loaded. */
  readonly bootPolicy?: 'allow' | 'block';
  /** How often `refresh` is called without a change to hear of, in milliseconds; 2,000 by default. */
  readonly pollMs?: number;
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
  /** Takes note of a change and writes it soon; nobody waits. */
  save(change: {
    /** The rules that changed since the last call, as they are now; null: any may have. */
    readonly changed: readonly KillSwitchRule[] | null;
    readonly revision: number;
    /** All rules in force, as they are when this is called. */
    whole(): RuleSnapshot;
  }): void;
}

export interface RulesApplied {
  readonly revision: number;
  /** Namespaces of which a rule changed. */
  readonly namespaces: ReadonlySet<string>;
}

export interface KillSwitchService {
  /** The answer to a fact at a stage of a DDN request, from memory; counts evaluations and what guards need, no matches. */
  decide(fact: object, stage: Stage, options?: Pick<DecideOptions, 'varying' | 'isOverdue'>): Decision;
  /** The answer to a free fact of any namespace, whatever the stage; without any effect. */
  evaluate(namespace: string, fact: object): Decision;
  /** The same to a program that acts on it: counts evaluations and what guards need, no matches. */
  answer(namespace: string, fact: object): Decision;
  /** Counts one evaluation that a program caused by other means than `answer`, and whether it failed. */
  noteEvaluation(rule: CompiledRule, failed: boolean): void;
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
  /** How often each rule was evaluated for the engine and for programs since the last call, and failed. */
  takeEvaluations(): readonly EvaluationCount[];
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

/** Rules to take over: all there are, or those that changed. */
interface NextRules extends RulesState {
  readonly whole: boolean;
}

const DEFAULT_POLL_MS = 2 * SECOND;
/** After two missed polls, and some time for the answer, the rules are called stale. */
const STALE_AFTER_POLLS = 2.5;
/** A slice, the swap after the last one and a slice of the snapshot's can meet in one turn of the event loop. */
const SLICE_MS = 2;
/** Reading, compiling and swapping so many keeps every turn of the event loop short; more are taken over in portions. */
const CHANGES_AT_ONCE = 500;
/** The swap of more than these takes a turn of the event loop of its own, after the last slice of compiling. */
const MANY_RULES = 1_000;

/** Rules held in memory, compiled and indexed; the store's revision counter is the truth about whether they are current. */
export function createKillSwitchService(deps: KillSwitchDeps): KillSwitchService {
  const { environment = null, bootPolicy = 'allow', pollMs = DEFAULT_POLL_MS, clock } = deps;
  /** Active and dry-run rules as stored, by id; those of other environments, too. */
  let held = new Map<Uuid, KillSwitchRule>();
  let sets: ReadonlyMap<string, RuleSet> = new Map();
  let revision = -1;
  let appliedAt = 0;
  let refreshedAt = -Infinity;
  let refreshing: Promise<void> | undefined;
  let wanted = false;
  let replacing: Promise<void> = Promise.resolve();
  const evaluations = createRuleEvaluations();
  const inSlices = createSlicer(deps.pause, SLICE_MS);
  const listeners = new Set<(applied: RulesApplied) => void>();
  const guards = createRuleGuards({
    clock,
    onTrip(rule, share) {
      deps.onGuard?.(rule, share);
      void oneByOne(async () => {
        const current = held.get(rule.id);
        if (current) await apply({ revision, rules: [current], whole: false });
      }).catch((error: unknown) => deps.onFault?.('a guarded rule could not be taken out of force', error));
    },
  });

  const isStale = () => clock.now() - refreshedAt > STALE_AFTER_POLLS * pollMs;
  const setOf = (namespace: string) => sets.get(namespace) ?? emptyRuleSet(namespace);

  function ask(namespace: string, fact: object, stage: Stage | null, options?: DecideOptions): Decision {
    const decision = decide(setOf(namespace), fact, clock.now(), stage, { ...options, stale: isStale() });
    return { ...decision, revision: Math.max(0, revision) };
  }

  function noteFailures(asker: Asker, namespace: string, { errors }: Decision): void {
    if (errors.length > 0) evaluations.noteFailures(asker, namespace, errors);
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
      await oneByOne(() => apply(next));
      saveSnapshot(next);
      const isPortion = !next.whole && revision < current;
      if (isPortion) return load();
    }
    refreshedAt = clock.now();
  }

  /** The changes since the revision held, or everything where they do not add up: a restored database, say. */
  async function newer(current: number): Promise<NextRules> {
    if (revision >= 0 && current > revision) {
      const changes = await deps.rules.changedSince(revision, CHANGES_AT_ONCE);
      if (changes.revision >= current || changes.rules.length >= CHANGES_AT_ONCE) return { ...changes, whole: false };
    }
    return { ...(await deps.rules.enforceable()), whole: true };
  }

  async function apply(newer: NextRules): Promise<void> {
    const byNamespace = Map.groupBy(newer.rules, (rule) => rule.namespace);
    if (newer.whole) for (const namespace of sets.keys()) byNamespace.set(namespace, byNamespace.get(namespace) ?? []);
    const next = new Map(sets);
    for (const [namespace, stored] of byNamespace) {
      const input = { namespace, rules: stored.map(guards.inForce), revision: newer.revision, environment };
      const previous = setOf(namespace);
      const steps = newer.whole ? buildRuleSetInSteps({ ...input, previous }) : changeRuleSetInSteps(previous, input);
      next.set(namespace, await inSlices(steps));
    }
    if (newer.rules.length > MANY_RULES) await deps.pause();
    // From here on nothing waits: a request meets the rules before or the rules after, never some of each.
    const gone = newer.whole ? new Set(held.keys()) : new Set<Uuid>();
    if (newer.whole) held = new Map();
    for (const rule of newer.rules) {
      const isHeld = rule.status === 'active' || rule.status === 'dry_run';
      if (isHeld) held.set(rule.id, rule);
      else held.delete(rule.id);
      const compiled = next.get(rule.namespace)?.rules.get(rule.key);
      if (compiled === undefined) gone.add(rule.id);
      else gone.delete(rule.id);
      if (compiled !== undefined && isOfPeople(rule)) guards.watch(compiled);
    }
    for (const id of gone) guards.forget(id);
    reportUnsupported(sets, next);
    sets = next;
    revision = newer.revision;
    appliedAt = clock.now();
    for (const listener of listeners) listener({ revision, namespaces: new Set(byNamespace.keys()) });
  }

  /** What was said before is not said again with every change of another rule. */
  function reportUnsupported(before: ReadonlyMap<string, RuleSet>, after: ReadonlyMap<string, RuleSet>): void {
    for (const [namespace, set] of after) {
      const known = before.get(namespace)?.unsupported ?? [];
      for (const rule of set.unsupported) if (!known.includes(rule)) deps.onUnsupported({ namespace, ...rule });
    }
  }

  /** Without the canary: it is news of the present. */
  function saveSnapshot({ whole, rules, revision }: NextRules): void {
    const changed = whole ? null : rules.filter(isOfPeople);
    if (changed?.length === 0) return;
    deps.snapshot?.save({ changed, revision, whole: wholeSnapshot });
  }

  function wholeSnapshot(): RuleSnapshot {
    return { revision, rules: [...held.values()].filter(isOfPeople) };
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
      const decision = ask(DDN_NAMESPACE, fact, stage, {
        ...options,
        onEvaluated: evaluations.counterOf(stage, DDN_NAMESPACE),
      });
      noteFailures(stage, DDN_NAMESPACE, decision);
      guards.count(DDN_NAMESPACE, decision.matched, stage);
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
    answer(namespace, fact) {
      const onEvaluated = evaluations.counterOf('program', namespace);
      const decision = ask(namespace, fact, null, { onEvaluated });
      noteFailures('program', namespace, decision);
      guards.count(namespace, decision.matched, null);
      return decision;
    },
    noteEvaluation(compiled, failed) {
      const { namespace, key } = compiled.rule;
      evaluations.counterOf('program', namespace)(compiled);
      if (failed) evaluations.noteFailures('program', namespace, [{ key, message: '' }]);
    },
    hasRules(stage) {
      if (revision < 0) return bootPolicy === 'block';
      return setOf(DDN_NAMESPACE).askedAt.has(stage);
    },
    get namespaces() {
      return [...sets.keys()];
    },
    ruleSet: setOf,
    refresh,
    async restore() {
      const snapshot = await deps.snapshot?.read();
      if (!snapshot) return false;
      await oneByOne(() => apply({ ...snapshot, whole: true }));
      return true;
    },
    takeEvaluations: () => evaluations.take(),
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

const isOfPeople = (rule: KillSwitchRule): boolean => rule.namespace !== CANARY_NAMESPACE;

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
