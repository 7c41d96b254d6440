import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSnapshotFile } from '../../client/snapshot-file.ts';
import type { KillSwitchRule } from '../../core/domain/kill-switch-rule.ts';
import { ruleWith } from '../core/kill-switch/rules.ts';

let folder: string;
let path: string;
const faults: unknown[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-snapshot-'));
  path = join(folder, 'rules.jsonl');
  faults.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const rule = (id: string, revision = 1, more: Partial<KillSwitchRule> = {}) =>
  ruleWith({ id, key: id, condition: 'a == 1', revision, ...more });

/** Rules as a program holds them, with a file that follows them. */
function createHolder() {
  const file = createSnapshotFile({ path, onFault: (error) => faults.push(error) });
  const rules = new Map<string, KillSwitchRule>();
  let revision = 0;
  return {
    file,
    change(...changed: KillSwitchRule[]) {
      for (const one of changed) rules.set(one.id, one);
      revision++;
      file.save({ changed, revision, whole: () => ({ revision, rules: [...rules.values()] }) });
    },
    get state() {
      return { revision, rules: [...rules.values()] };
    },
  };
}

it('has every change, though a change writes only the rules that changed', async () => {
  const holder = createHolder();
  const { file, change } = holder;
  change(...Array.from({ length: 50 }, (_, at) => rule(`r${at}`)));
  await file.settled();
  const { size } = statSync(path);
  change(rule('r7', 2, { status: 'inactive' }));
  await file.settled();
  expect(statSync(path).size - size).toBeLessThan(size / 10);
  change(rule('r8', 3));
  change(rule('new', 4));
  await file.settled();
  const read = await file.read();
  expect(read).toEqual(holder.state);
  expect(readFileSync(path, 'utf8').split('"format"').length - 1).toBeGreaterThanOrEqual(3);
});

it('is written anew when more was added than it began with, and by each process once', async () => {
  const { file, change } = createHolder();
  change(rule('a'), rule('b'));
  for (let revision = 2; revision < 12; revision++) {
    change(rule('a', revision));
    await file.settled();
  }
  const blocks = () => readFileSync(path, 'utf8').split('"format"').length - 1;
  expect(blocks()).toBeLessThanOrEqual(3);
  const next = createHolder();
  next.change(rule('c'));
  await next.file.settled();
  expect([blocks(), (await file.read())?.rules.map(({ id }) => id)]).toEqual([1, ['c']]);
});

it('survives the end of the process in the middle of a change', async () => {
  const { file, change } = createHolder();
  change(rule('a'), rule('b'));
  await file.settled();
  appendFileSync(path, '{"format":"ndc-sentinel kill-switch rules 1","revision":2}\n{"id":"a","name');
  expect(await file.read()).toMatchObject({ revision: 1, rules: [{ id: 'a' }, { id: 'b' }] });
});

it('is whole again after the file went away', async () => {
  const { file, change } = createHolder();
  change(rule('a'), rule('b'), rule('c'));
  await file.settled();
  rmSync(path);
  change(rule('b', 2));
  await file.settled();
  expect(faults).toMatchObject([{ code: 'ENOENT' }]);
  expect(await file.read()).toMatchObject({ revision: 2, rules: [{ id: 'a' }, { id: 'b', revision: 2 }, { id: 'c' }] });
});

it('is none where there is no file, or a damaged one', async () => {
  const { file, change } = createHolder();
  expect(await file.read()).toBeNull();
  change(rule('a'));
  await file.settled();
  writeFileSync(path, readFileSync(path, 'utf8').replace('a == 1', 'a == 2'));
  expect(await file.read()).toBeNull();
});
