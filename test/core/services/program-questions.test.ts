import { beforeEach, describe, expect, it } from 'vitest';
import type { KillSwitchRule } from '../../../core/domain/kill-switch-rule.ts';
import { createKillSwitchService, type KillSwitchService } from '../../../core/services/kill-switch-service.ts';
import { createProgramQuestions, type ProgramQuestions } from '../../../core/services/program-questions.ts';
import { createTally, type Tally } from '../../../core/services/tally.ts';
import { ruleWith } from '../kill-switch/rules.ts';

const NOW = Date.parse('2026-03-10T12:00:30Z');
const clock = { now: () => NOW };
const RULES = [
  ruleWith({ id: '1', key: 'hsbc', condition: 'BANK == "HSBC"' }),
  ruleWith({ id: '2', key: 'tried', condition: 'amount > 5', status: 'dry_run' }),
  ruleWith({ id: '3', key: 'large', condition: 'amount > 100' }),
  ruleWith({ id: '4', key: 'hsbc', namespace: 'ddn', condition: 'role == "a"' }),
];

let killSwitch: KillSwitchService;
let programs: ProgramQuestions;
let tally: Tally;
let counted: Record<string, string>;
let tripped: string[];

async function ask(rules: readonly KillSwitchRule[] = RULES): Promise<void> {
  counted = {};
  tripped = [];
  killSwitch = createKillSwitchService({
    rules: {
      revision: async () => 1,
      enforceable: async () => ({ revision: 1, rules }),
      changedSince: async () => ({ revision: 1, rules: [] }),
    },
    clock,
    disabled: false,
    pause: async () => {},
    onUnsupported: () => {},
    onGuard: (rule) => void tripped.push(`${rule.namespace}.${rule.key}`),
  });
  await killSwitch.refresh();
  const port = {
    add: async (rows: readonly Parameters<typeof describeRow>[0][]) => {
      for (const row of rows) counted[`${row.source} ${row.ruleKey}`] = describeRow(row);
    },
    isRefusal: () => false,
  };
  tally = createTally(port, () => {});
  programs = createProgramQuestions({ killSwitch, tally, clock, onDecided: () => {} });
}

function describeRow(row: {
  readonly source: string;
  readonly ruleKey: string;
  readonly requests: number;
  readonly errors: number;
  readonly enforced: number;
  readonly wouldEnforce: number;
}): string {
  return `${row.requests} requests, ${row.enforced} enforced, ${row.wouldEnforce} would, ${row.errors} errors`;
}

beforeEach(() => ask());

describe('what programs ask', () => {
  it('is counted by rule, with what failed', async () => {
    for (const fact of [{ BANK: 'HSBC', amount: 500 }, { BANK: 'X', amount: 7 }, { amount: 'much' }]) {
      programs.decide('payments', fact);
    }
    await tally.flush();
    expect(counted).toEqual({
      'program payments.hsbc': '0 requests, 1 enforced, 0 would, 0 errors',
      'program payments.large': '0 requests, 1 enforced, 0 would, 1 errors',
      'program payments.tried': '0 requests, 0 enforced, 2 would, 1 errors',
    });
    const evaluations = killSwitch.takeEvaluations();
    expect(evaluations.map(({ asker, ruleKey, evaluated }) => `${asker} ${ruleKey} ${evaluated}`).sort()).toEqual([
      'program hsbc 1',
      'program large 3',
      'program tried 3',
    ]);
  });

  it('is counted once as a flag of one rule, and not for a rule that is switched off', async () => {
    expect(programs.flag('payments', 'hsbc', { BANK: 'HSBC' })).toMatchObject({ engaged: true });
    expect(programs.flag('payments', 'large', { amount: 'much' })).toMatchObject({ outcome: 'error' });
    expect(programs.flag('payments', 'tried', { amount: 7 })).toMatchObject({ outcome: 'disabled' });
    expect(programs.flag('payments', 'unknown', {})).toBeUndefined();
    await tally.flush();
    expect(counted).toEqual({
      'program payments.hsbc': '0 requests, 1 enforced, 0 would, 0 errors',
      'program payments.large': '0 requests, 0 enforced, 0 would, 1 errors',
    });
    expect(killSwitch.takeEvaluations().map(({ ruleKey }) => ruleKey)).toEqual(['hsbc', 'large']);
  });

  it('is counted as failed where a failure is taken for a match', async () => {
    await ask([ruleWith({ id: '1', key: 'large', condition: 'amount > 100', onError: 'match' })]);
    expect(programs.flag('payments', 'large', { amount: 'much' })).toMatchObject({ outcome: 'match', engaged: true });
    await tally.flush();
    expect(counted).toEqual({ 'program payments.large': '0 requests, 1 enforced, 0 would, 1 errors' });
    expect(killSwitch.takeEvaluations()).toMatchObject([{ ruleKey: 'large', evaluated: 1, failed: 1 }]);
  });

  it('is not counted for the namespace of the engine, nor for one that has no rules', async () => {
    expect(programs.decide('ddn', { role: 'a' }).matched).toEqual(['hsbc']);
    expect(programs.flag('ddn', 'hsbc', { role: 'a' })).toMatchObject({ engaged: true });
    expect(programs.decide('made-up', { role: 'a' }).matched).toEqual([]);
    programs.noteHolder('made-up');
    await tally.flush();
    expect(counted).toEqual({});
    expect(killSwitch.takeEvaluations()).toEqual([]);
  });

  it('counts for the guard of its own namespace only', async () => {
    const guard = { maxShare: 0.5, windowSeconds: 60, minRequests: 3 };
    await ask(RULES.map((rule) => ({ ...rule, guard: rule.status === 'active' ? guard : null })));
    for (let n = 0; n < 3; n++) killSwitch.decide({ role: 'b' }, 'pre-parse');
    for (let n = 0; n < 3; n++) programs.decide('payments', { BANK: 'HSBC', amount: 1 });
    expect(tripped).toEqual(['payments.hsbc']);
  });

  it('tells of programs that hold the rules themselves', async () => {
    programs.noteHolder('payments');
    programs.noteHolder('payments');
    await tally.flush();
    expect(counted).toEqual({ 'client payments.*': '2 requests, 0 enforced, 0 would, 0 errors' });
  });
});
