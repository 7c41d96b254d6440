import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { createSnapshotFile } from '../../client/snapshot-file.ts';
import type { KillSwitchRule } from '../../core/domain/kill-switch-rule.ts';
import { createKillSwitchService } from '../../core/services/kill-switch-service.ts';
import { ruleWith } from '../core/kill-switch/rules.ts';

/**
 * What one change of one rule costs the process that takes it over, snapshot included, among few rules and among many;
 * and how long the event loop is held while all of them change at once. The store is a list in memory. Memory for
 * short-lived objects is bounded as in the service (`bin/ndc-sentinel.mjs`): `npm run bench rule-change`, or
 * `node --max-semi-space-size=4 test/bench/run.ts rule-change`.
 */
const CHANGES = 1_000;
const BATCHES = 7;
const SWAPS = 7;

export async function run(): Promise<void> {
  for (const count of [100, 1_000, 10_000]) await report(count);
}

async function report(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-bench-'));
  const snapshot = createSnapshotFile({
    path: join(folder, 'rules.jsonl'),
    onFault: (error) => {
      throw error;
    },
  });
  const store = createStore(count);
  const service = createKillSwitchService({
    rules: store,
    clock: Date,
    disabled: false,
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
    onUnsupported: () => {},
    snapshot,
  });
  await service.refresh();

  for (let i = 0; i < CHANGES; i++) await change(i);
  const batches: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = process.threadCpuUsage();
    for (let i = 0; i < CHANGES; i++) await change(i);
    await snapshot.settled();
    batches.push((1_000 * cpuMs(before)) / CHANGES);
  }
  const swaps: Swap[] = [];
  for (let swap = 0; swap < SWAPS; swap++) swaps.push(await changeAll(swap));
  const { cpu, turn } = swaps.toSorted((a, b) => a.turn.ms - b.turn.ms)[Math.floor(SWAPS / 2)] as Swap;
  const median = batches.toSorted((a, b) => a - b)[Math.floor(BATCHES / 2)] as number;
  console.log(
    `${count} rules: a change of one ${median.toFixed(0)} µs CPU, snapshot included; all changed at once ${cpu.toFixed(0)} ms CPU, ` +
      `longest turn of the event loop ${turn.ms.toFixed(1)} ms (mark 10 ms for 10,000), ` +
      `longest garbage collection ${turn.collectionMs.toFixed(1)} ms (median of ${SWAPS})`,
  );
  rmSync(folder, { recursive: true });

  async function change(i: number): Promise<void> {
    store.toggle((i * 7) % count);
    await service.refresh();
  }

  async function changeAll(swap: number): Promise<Swap> {
    store.changeAll(swap);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const turns = watchTurns();
    const before = process.threadCpuUsage();
    await service.refresh();
    const cpu = cpuMs(before);
    await snapshot.settled();
    return { cpu, turn: await turns() };
  }
}

interface Swap {
  /** CPU of the main thread, ms. */
  readonly cpu: number;
  readonly turn: Turn;
}

interface Turn {
  /** The longest turn of the event loop, garbage collection left out. */
  readonly ms: number;
  /** The longest pause for garbage collection. */
  readonly collectionMs: number;
}

function createStore(count: number) {
  const rules = Array.from({ length: count }, (_, at) =>
    ruleWith({
      id: `id-${at}`,
      key: `rule-${at}`,
      namespace: 'ddn',
      condition: `role == "role-${at}" and "customers" in rootFields and depth > 2`,
    }),
  );
  let revision = 1;
  let changed: KillSwitchRule[] = [];
  const replace = (index: number, next: KillSwitchRule) => {
    rules[index] = next;
    changed.push(next);
  };
  return {
    revision: async () => revision,
    enforceable: async () => ({ revision, rules }),
    changedSince: async (since: number, limit: number) => {
      // A database answers in another turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      const page = changed.filter((rule) => rule.revision > since).slice(0, limit);
      return { revision: page.at(-1)?.revision ?? since, rules: page };
    },
    toggle(index: number): void {
      revision++;
      changed = [];
      const rule = rules[index] as KillSwitchRule;
      replace(index, { ...rule, status: rule.status === 'active' ? 'inactive' : 'active', revision });
    },
    changeAll(limit: number): void {
      changed = [];
      for (const [index, rule] of rules.entries()) {
        revision++;
        replace(index, {
          ...rule,
          status: 'active',
          condition: `role == "role-${index}" and "customers" in rootFields and limit > ${limit}`,
          revision,
        });
      }
    },
  };
}

/** Follows the turns of the event loop; the function returned ends that and says how long they took. */
function watchTurns(): () => Promise<Turn> {
  const turns: { readonly start: number; ms: number }[] = [];
  const collections: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  let start = performance.now();
  let next = setImmediate(turn);
  function turn(): void {
    turns.push({ start, ms: performance.now() - start });
    start = performance.now();
    next = setImmediate(turn);
  }
  return async () => {
    clearImmediate(next);
    await new Promise((resolve) => setTimeout(resolve, 50));
    observer.disconnect();
    for (const { startTime, duration } of collections) {
      const turn = turns.findLast(({ start }) => start <= startTime);
      if (turn !== undefined) turn.ms -= duration;
    }
    return {
      ms: Math.max(...turns.map(({ ms }) => ms)),
      collectionMs: Math.max(0, ...collections.map(({ duration }) => duration)),
    };
  };
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1_000;
}

if (import.meta.main) await run();
