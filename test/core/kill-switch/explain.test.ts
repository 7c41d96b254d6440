import { expect, it } from 'vitest';
import { checkCondition } from '../../../core/kill-switch/condition.ts';
import { explainCondition } from '../../../core/kill-switch/explain.ts';
import type { Explanation } from '../../../core/kill-switch/explain.ts';

function explain(text: string, fact: unknown): Explanation {
  const check = checkCondition(text);
  if (!check.ok) throw new Error(check.error.message);
  return explainCondition(check.condition, fact, Date.parse('2026-03-10T09:30:00Z'));
}

/** `text = value` for every part, depth first. */
function flat(explanation: Explanation): string[] {
  const value = explanation.error === null ? JSON.stringify(explanation.value) : `error: ${explanation.error}`;
  return [`${explanation.text} = ${value}`, ...explanation.parts.flatMap(flat)];
}

it('gives the value of every part', () => {
  expect(
    flat(explain('role == "a" and (depth + 1 > 3 or tags.exists(t, t == "x"))', { role: 'a', depth: 1, tags: ['x'] })),
  ).toEqual([
    'role == "a" and (depth + 1 > 3 or tags.exists(t, t == "x")) = true',
    'role == "a" = true',
    'role = "a"',
    'depth + 1 > 3 or tags.exists(t, t == "x") = true',
    'depth + 1 > 3 = false',
    'depth + 1 = 2',
    'depth = 1',
    'tags.exists(t, t == "x") = true',
    'tags = ["x"]',
  ]);
});

it('gives the error of a part that an "or" absorbs', () => {
  expect(flat(explain('a > 1 or b', { b: true }))).toEqual([
    'a > 1 or b = true',
    'a > 1 = error: ">" cannot order null and number.',
    'a = null',
    'b = true',
  ]);
});

it('says where a part stands in the text', () => {
  const { parts } = explain('a and not b', {});
  expect(parts.map(({ start, end }) => 'a and not b'.slice(start, end))).toEqual(['a', 'not b']);
});

it('shows times as text', () => {
  expect(flat(explain('now - d"2026-03-10" > duration("1h")', {}))).toEqual([
    'now - d"2026-03-10" > duration("1h") = true',
    'now - d"2026-03-10" = "34200s"',
    'now = "2026-03-10T09:30:00Z"',
    'duration("1h") = "3600s"',
  ]);
});
