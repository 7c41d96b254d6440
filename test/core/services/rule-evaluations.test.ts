import { expect, it } from 'vitest';
import { compileRule, type CompiledRule } from '../../../core/kill-switch/compile-rule.ts';
import { addEvaluations, createRuleEvaluations } from '../../../core/services/rule-evaluations.ts';
import type { TallyRow } from '../../../core/services/ports/tally.ts';
import { createTally } from '../../../core/services/tally.ts';
import { ruleWith } from '../kill-switch/rules.ts';

function compiled(key: string): CompiledRule {
  const compilation = compileRule(ruleWith({ key, condition: 'a == 1' }));
  if (!compilation.ok) throw new Error(compilation.error.message);
  return compilation.compiled;
}

const [A, B] = [compiled('a'), compiled('b')];
const HOUR = 3_600_000;

it('counts by stage and rule, and begins anew when the counts were taken', () => {
  const evaluations = createRuleEvaluations();
  const parse = evaluations.counterOf('pre-parse', 'ddn');
  for (const rule of [A, B, A]) parse(rule);
  evaluations.counterOf('pre-ndc-request', 'ddn')(A);
  evaluations.counterOf('program', 'shop')(A);
  const error = { key: 'a', message: 'no number' };
  evaluations.noteFailures('program', 'shop', [error, { ...error, message: 'except: no number' }]);
  expect(evaluations.take()).toEqual([
    { asker: 'pre-parse', namespace: 'ddn', ruleKey: 'a', evaluated: 2, failed: 0 },
    { asker: 'pre-parse', namespace: 'ddn', ruleKey: 'b', evaluated: 1, failed: 0 },
    { asker: 'pre-ndc-request', namespace: 'ddn', ruleKey: 'a', evaluated: 1, failed: 0 },
    { asker: 'program', namespace: 'shop', ruleKey: 'a', evaluated: 1, failed: 1 },
  ]);
  expect(evaluations.take()).toEqual([]);
  parse(B);
  expect(evaluations.take()).toEqual([{ asker: 'pre-parse', namespace: 'ddn', ruleKey: 'b', evaluated: 1, failed: 0 }]);
});

it('are tallied in a row per rule, source and hour', async () => {
  const flushed: TallyRow[] = [];
  const tally = createTally({ add: async (rows) => void flushed.push(...rows), isRefusal: () => false }, () => {});
  addEvaluations(
    tally,
    [{ asker: 'pre-parse', namespace: 'ddn', ruleKey: 'a', evaluated: 2, failed: 0 }],
    5 * HOUR + 1,
  );
  addEvaluations(
    tally,
    [
      { asker: 'pre-response', namespace: 'ddn', ruleKey: 'a', evaluated: 3, failed: 0 },
      { asker: 'pre-ndc-response', namespace: 'ddn', ruleKey: 'a', evaluated: 4, failed: 0 },
    ],
    6 * HOUR - 1,
  );
  await tally.flush();
  expect(flushed).toEqual([
    expect.objectContaining({
      minute: 5 * HOUR,
      source: 'graphql',
      role: '',
      ruleKey: 'ddn.a',
      evaluated: 5,
      enforced: 0,
    }),
    expect.objectContaining({ minute: 5 * HOUR, source: 'ndc', role: '', ruleKey: 'ddn.a', evaluated: 4 }),
  ]);
});
