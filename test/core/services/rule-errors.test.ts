import { expect, it } from 'vitest';
import { createRuleErrors } from '../../../core/services/rule-errors.ts';

const SECOND = 1_000;

function watch() {
  const clock = { at: 1_000_000_000, now: () => clock.at };
  const alarms: string[] = [];
  const errors = createRuleErrors({
    clock,
    onAlarm: ({ rule, failed, evaluated }) => void alarms.push(`${rule} ${failed}/${evaluated}`),
  });
  const add = (evaluated: number, failed: number, ruleKey = 'a') =>
    errors.add([{ asker: 'pre-parse', namespace: 'ddn', ruleKey, evaluated, failed }]);
  return { clock, alarms, errors, add };
}

it('is an alarm above 1 % of the evaluations of five minutes, once', () => {
  const { alarms, add, errors, clock } = watch();
  add(990, 10);
  expect([alarms, errors.erroring]).toEqual([['ddn.a 10/990'], ['ddn.a']]);
  clock.at += 10 * SECOND;
  add(100, 100);
  expect(alarms).toHaveLength(1);
});

it('is none at 1 %, whatever it was before the five minutes', () => {
  const { alarms, add, errors, clock } = watch();
  add(1_000, 10);
  for (let minute = 0; minute < 6; minute++) {
    clock.at += 60 * SECOND;
    add(100, 1);
  }
  expect([alarms, errors.erroring]).toEqual([[], []]);
  add(100, 5);
  expect(alarms).toEqual(['ddn.a 10/600']);
});

it('ends when the share is below a half, and then begins anew', () => {
  const { alarms, add, errors } = watch();
  add(100, 2);
  add(100, 0);
  add(100, 0);
  expect(errors.erroring).toEqual(['ddn.a']);
  add(100, 0);
  expect(errors.erroring).toEqual([]);
  add(0, 3);
  expect(alarms).toEqual(['ddn.a 2/100', 'ddn.a 5/400']);
});

it('ends with the last evaluation, and is told by rule', () => {
  const { alarms, add, errors, clock } = watch();
  add(10, 10, 'b');
  add(10, 0, 'c');
  add(10, 10, 'a');
  expect(errors.erroring).toEqual(['ddn.a', 'ddn.b']);
  clock.at += 331 * SECOND;
  errors.add([]);
  expect([errors.erroring, alarms]).toEqual([[], ['ddn.b 10/10', 'ddn.a 10/10']]);
});
