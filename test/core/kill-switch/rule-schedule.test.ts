import { describe, expect, it } from 'vitest';
import type { RuleSchedule } from '../../../core/domain/kill-switch-rule.ts';
import { compileSchedule } from '../../../core/kill-switch/rule-schedule.ts';

const NINE = 9 * 60;
const FIVE_PM = 17 * 60;

function holdsAt(schedule: RuleSchedule, text: string): boolean {
  const test = compileSchedule(schedule);
  if (test === null) throw new Error(`unknown zone ${schedule.zone}`);
  return test(Date.parse(text));
}

// 2026-11-20 is a Friday.
const office: RuleSchedule = {
  zone: 'Europe/Vienna',
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: NINE, to: FIVE_PM }],
};
const night: RuleSchedule = { zone: 'UTC', windows: [{ days: ['fri'], from: 22 * 60, to: 6 * 60 }] };

describe('a window of the day', () => {
  it.each([
    ['2026-11-20T07:59:59Z', false],
    ['2026-11-20T08:00:00Z', true],
    ['2026-11-20T15:59:59Z', true],
    ['2026-11-20T16:00:00Z', false],
    ['2026-11-21T10:00:00Z', false],
    ['2026-07-20T07:00:00Z', true],
    ['2026-07-20T15:00:00Z', false],
  ])('at %s: %s', (text, expected) => {
    expect(holdsAt(office, text)).toBe(expected);
  });
});

describe('a window over midnight belongs to the day on which it begins', () => {
  it.each([
    ['2026-11-20T05:00:00Z', false],
    ['2026-11-20T22:00:00Z', true],
    ['2026-11-21T05:59:00Z', true],
    ['2026-11-21T06:00:00Z', false],
    ['2026-11-21T23:00:00Z', false],
  ])('at %s: %s', (text, expected) => {
    expect(holdsAt(night, text)).toBe(expected);
  });
});

it('a window may be a whole day, and a schedule have several', () => {
  const schedule: RuleSchedule = {
    zone: '+02:00',
    windows: [
      { days: ['sun'], from: 0, to: 1_440 },
      { days: ['mon'], from: 60, to: 60 },
    ],
  };
  expect(holdsAt(schedule, '2026-11-21T21:59:00Z')).toBe(false);
  expect(holdsAt(schedule, '2026-11-21T22:00:00Z')).toBe(true);
  expect(holdsAt(schedule, '2026-11-22T22:00:00Z')).toBe(false);
  expect(holdsAt(schedule, '2026-11-22T23:00:00Z')).toBe(true);
  expect(holdsAt(schedule, '2026-11-23T22:59:00Z')).toBe(true);
  expect(holdsAt(schedule, '2026-11-23T23:00:00Z')).toBe(false);
});

it('one test may be asked for any instants in any order', () => {
  const test = compileSchedule(night);
  const at = (text: string) => test?.(Date.parse(text));
  expect([
    at('2026-11-20T22:00:01Z'),
    at('2026-11-20T22:00:59Z'),
    at('2026-11-20T21:59:59Z'),
    at('2026-11-20T22:00:30Z'),
  ]).toEqual([true, true, false, true]);
});

it('an unknown zone has no test', () => {
  expect(compileSchedule({ zone: 'Mars/Base', windows: [] })).toBeNull();
});
