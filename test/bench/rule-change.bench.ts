import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSnapshotFile } from '../../client/snapshot-file.ts';
import type { KillSwitchRule } from '../../core/domain/kill-switch-rule.ts';
import { createKillSwitchService } from '../../core/services/kill-switch-service.ts';
import { ruleWith } from '../core/kill-switch/rules.ts';

/**
 * What one change of one rule costs the process that takes it over, snapshot included, among few rules and among many;
 * and how long the event loop is held while all of them change at once. The store is a list in memory.
 */
const CHANGES = 1_000;
const BATCHES = 7;

export async function run(): Promise<void> {
  for (const count of [100, 1_000, 10_000, 100_000]) await report(count);
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
  store.changeAll();
  await new Promise((resolve) => setImmediate(resolve));
  const longestTurn = watchTurns();
  const swapping = process.threadCpuUsage();
  await service.refresh();
  const swappedMs = cpuMs(swapping);
  await snapshot.settled();
  const heldMs = longestTurn();
  const median = batches.toSorted((a, b) => a - b)[Math.floor(BATCHES / 2)] as number;
  console.log(
    `${count} rules: a change of one ${median.toFixed(0)} µs CPU, snapshot included; all changed at once ${swappedMs.toFixed(0)} ms CPU, ` +
      `longest turn of the event loop ${heldMs.toFixed(1)} ms CPU (mark 10 ms for 10,000)`,
  );
  rmSync(folder, { recursive: true });

  async function change(i: number): Promise<void> {
    store.toggle((i * 7) % count);
    await service.refresh();
  }
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
    changeAll(): void {
      changed = [];
      for (const [index, rule] of rules.entries()) {
        revision++;
        replace(index, { ...rule, status: 'active', condition: `${rule.condition} and limit > 5`, revision });
      }
    },
  };
}

/** Follows the turns of the event loop; the function returned ends that and says how much CPU the longest one took, in ms. */
function watchTurns(): () => number {
  let longest = 0;
  let began = process.threadCpuUsage();
  let next = setImmediate(turn);
  function turn(): void {
    longest = Math.max(longest, cpuMs(began));
    began = process.threadCpuUsage();
    next = setImmediate(turn);
  }
  return () => {
    clearImmediate(next);
    return longest;
  };
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1_000;
}

if (import.meta.main) await run();
