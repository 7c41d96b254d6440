import type { Decision } from '../core/domain/decision.ts';
import type { KillSwitchRule } from '../core/domain/kill-switch-rule.ts';
import { SECOND } from '../core/domain/time.ts';
import { decide } from '../core/kill-switch/decide.ts';
import { evaluateRuleFlag, type FlagEvaluation } from '../core/kill-switch/flag.ts';
import {
  buildRuleSetInSteps,
  changeRuleSetInSteps,
  emptyRuleSet,
  type RuleSet,
} from '../core/kill-switch/rule-index.ts';
import { createRuleSource } from './rule-source.ts';
import { readEvents } from './rule-stream.ts';
import { createSnapshotFile } from './snapshot-file.ts';

export type { Decision } from '../core/domain/decision.ts';
export type { FlagEvaluation } from '../core/kill-switch/flag.ts';

export interface KillSwitchClientOptions {
  /** Base URL of the service's listener of hooks and API, such as http://sentinel:8787. */
  readonly url: string;
  /** Whose rules are asked, such as `payments`. */
  readonly namespace: string;
  /** A token of the role viewer: `ndc-sentinel token create <name>`. */
  readonly token?: string;
  /** Rules of other environments are left out. */
  readonly environment?: string;
  /** File in which the rules as last known are kept for a start while the service is away. */
  readonly snapshot?: string;
  /** False: only poll. */
  readonly stream?: boolean;
  /** How often is polled while there is no stream; by default what the rules say, else 30 s. */
  readonly refreshSeconds?: number;
  /** Hears what went wrong; the client goes on with the rules as last known. */
  readonly onFault?: (error: unknown) => void;
  /** For tests, or a proxy. */
  readonly fetch?: typeof fetch;
}

/** `starting`: no rules were ever loaded. `stale`: the service does not answer; the rules as last known hold. */
export type ClientStatus = 'starting' | 'current' | 'stale' | 'closed';

export interface KillSwitchClient {
  readonly namespace: string;
  readonly status: ClientStatus;
  /** Of the rules held; 0 before there are any. */
  readonly revision: number;
  /**
   * Loads the rules and keeps them fresh from then on. Resolves once there are rules, from the service or else from the
   * snapshot; rejects where neither has any, and goes on trying.
   */
  start(): Promise<void>;
  /** What the rules say about a fact, in process: no I/O, no exception. Without rules nothing matches. */
  evaluate(fact: object): Decision;
  /** One rule by its key; undefined where no such rule is known. */
  evaluateRule(key: string, fact: object): FlagEvaluation | undefined;
  /** Takes over what changed now, instead of with the next event or poll. */
  refresh(): Promise<void>;
  /** Called after rules changed, with the keys of those. */
  onChange(listener: (keys: readonly string[]) => void): () => void;
  onStatus(listener: (status: ClientStatus) => void): () => void;
  close(): Promise<void>;
}

const DEFAULT_REFRESH_SECONDS = 30;
const REQUEST_TIMEOUT_MS = 10 * SECOND;
/** The service sends a heartbeat every 15 s; after two missed ones the stream is dead. */
const SILENCE_MS = 32 * SECOND;
const FIRST_RETRY_MS = SECOND;
const LAST_RETRY_MS = 30 * SECOND;
const SLICE_MS = 4;

/**
 * Kill-switch rules of one namespace, evaluated in the process that asks. Kept fresh by the service's stream, else by
 * polling; an outage leaves the rules as last known in force.
 */
export function createKillSwitchClient(options: KillSwitchClientOptions): KillSwitchClient {
  const { namespace } = options;
  const source = createRuleSource({
    url: options.url,
    namespace,
    token: options.token,
    fetch: options.fetch ?? globalThis.fetch,
    timeoutMs: REQUEST_TIMEOUT_MS,
  });
  const snapshot =
    options.snapshot === undefined ? null : createSnapshotFile({ path: options.snapshot, onFault: report });
  const changeListeners = new Set<(keys: readonly string[]) => void>();
  const statusListeners = new Set<(status: ClientStatus) => void>();
  const closing = new AbortController();
  /** By id, whatever their status. */
  let rules = new Map<string, KillSwitchRule>();
  let ruleSet: RuleSet = emptyRuleSet(namespace);
  let revision: number | null = null;
  /** The revision that the service told. A snapshot's may be of another service, so its first answer is taken whole. */
  let told: number | null = null;
  let status: ClientStatus = 'starting';
  let isStreaming = false;
  let refreshing: Promise<void> | undefined;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;

  function become(next: ClientStatus): void {
    if (next === status || status === 'closed') return;
    status = next;
    for (const listener of statusListeners) listener(next);
  }

  function report(error: unknown): void {
    if (!closing.signal.aborted) options.onFault?.(error);
  }

  /** One at a time; a call during another asks for one more, which may see what the first was too early for. */
  async function refresh(): Promise<void> {
    if (refreshing) {
      isWanted = true;
      await refreshing;
      if (!isWanted) return;
      isWanted = false;
      return refresh();
    }
    refreshing = load();
    try {
      await refreshing;
      become('current');
    } catch (error) {
      if (revision !== null) become('stale');
      throw error;
    } finally {
      refreshing = undefined;
    }
  }

  async function load(): Promise<void> {
    let isWhole = told === null;
    let changes = await source.changes(told);
    if (changes.kind === 'unchanged') return;
    if (told !== null && changes.revision < told) {
      // The service was restored from a backup: what is held belongs to another history.
      isWhole = true;
      changes = await source.changes(null);
      if (changes.kind === 'unchanged') return;
    }
    for (const { key, message } of changes.unreadable) {
      report(new Error(`The rule "${key}" is of a newer version and was left as it was: ${message}`));
    }
    await takeOver(changes.rules, changes.revision, isWhole);
    told = changes.revision;
    save(isWhole ? null : changes.rules);
  }

  async function takeOver(changed: readonly KillSwitchRule[], next: number, isWhole: boolean): Promise<void> {
    ruleSet = await compile(changed, next, isWhole);
    if (isWhole) rules = new Map();
    for (const rule of changed) rules.set(rule.id, rule);
    revision = next;
    const keys = changed.map((rule) => rule.key);
    if (keys.length > 0 || isWhole) for (const listener of changeListeners) listener(keys);
  }

  async function compile(changed: readonly KillSwitchRule[], next: number, isWhole: boolean): Promise<RuleSet> {
    const environment = options.environment ?? null;
    const input = { namespace, rules: changed, revision: next, environment };
    const steps = isWhole ? buildRuleSetInSteps({ ...input, previous: ruleSet }) : changeRuleSetInSteps(ruleSet, input);
    let turn = performance.now();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() - turn < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turn = performance.now();
    }
  }

  function save(changed: readonly KillSwitchRule[] | null): void {
    if (changed?.length === 0) return;
    const whole = () => ({ revision: revision ?? 0, rules: [...rules.values()] });
    snapshot?.save({ changed, revision: revision ?? 0, whole });
  }

  async function restore(): Promise<boolean> {
    const found = snapshot === null ? null : await snapshot.read();
    if (found === null) return false;
    const own = found.rules.filter((rule) => rule.namespace === namespace);
    // Rules of other namespaces only: the snapshot of another client, which says nothing about this one's.
    if (own.length === 0 && found.rules.length > 0) return false;
    await takeOver(own, found.revision, true);
    become('stale');
    return true;
  }

  function schedulePoll(): void {
    if (closing.signal.aborted) return;
    timer = setTimeout(() => {
      void (isStreaming ? Promise.resolve() : refresh().catch(report)).then(schedulePoll);
    }, refreshSeconds() * SECOND);
    timer.unref();
  }

  function refreshSeconds(): number {
    if (options.refreshSeconds !== undefined) return options.refreshSeconds;
    let shortest = DEFAULT_REFRESH_SECONDS;
    for (const rule of rules.values()) shortest = Math.min(shortest, rule.refreshSeconds);
    return shortest;
  }

  async function keepStreaming(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!closing.signal.aborted) {
      try {
        await follow(() => {
          retryMs = FIRST_RETRY_MS;
        });
      } catch (error) {
        report(error);
      }
      isStreaming = false;
      // Half of it is chance, so that the clients of a service that restarts do not come back in one moment.
      await delay(retryMs * (0.5 + Math.random() / 2), closing.signal);
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
    }
  }

  /** Follows one stream to its end. */
  async function follow(onOpen: () => void): Promise<void> {
    const silence = new AbortController();
    const watch = setTimeout(() => silence.abort(new Error('The stream fell silent.')), SILENCE_MS);
    watch.unref();
    try {
      const body = await source.stream(revision, AbortSignal.any([closing.signal, silence.signal]));
      isStreaming = true;
      onOpen();
      await refresh();
      await readEvents(body, {
        onAlive: () => void watch.refresh(),
        onEvent: ({ id }) => {
          if (id !== String(revision)) void refresh().catch(report);
        },
      });
    } finally {
      clearTimeout(watch);
      isStreaming = false;
      if (revision !== null) become('stale');
    }
  }

  return {
    namespace,
    get status() {
      return status;
    },
    get revision() {
      return revision ?? 0;
    },
    async start() {
      try {
        await refresh();
      } catch (error) {
        if (!(await restore())) throw error;
        report(error);
      } finally {
        schedulePoll();
        if (options.stream !== false) void keepStreaming();
      }
    },
    evaluate: (fact) => decide(ruleSet, fact, Date.now(), null, { stale: status !== 'current' }),
    evaluateRule(key, fact) {
      const inForce = evaluateRuleFlag(ruleSet, key, fact, Date.now());
      if (inForce) return inForce;
      for (const rule of rules.values()) {
        if (rule.key === key) return { outcome: 'disabled', engaged: false, message: null };
      }
      return undefined;
    },
    refresh,
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    onStatus(listener) {
      statusListeners.add(listener);
      return () => statusListeners.delete(listener);
    },
    async close() {
      become('closed');
      closing.abort();
      clearTimeout(timer);
      await refreshing?.catch(() => {});
      await snapshot?.settled();
    },
  };
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
