import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../../core/kill-switch/condition.ts';
import { importRuleEngine } from '../../../core/kill-switch/import-rule-engine.ts';

it.each([
  ['WORKFLOW == "PURCHASE" and BANK == "HSBC"', 'WORKFLOW == "PURCHASE" and BANK == "HSBC"'],
  ['name =~ "ab+"', 'name =~ "^(?:ab+)"'],
  ['name !~ "a|b"', 'name !~ "^(?:a|b)"'],
  ['name =~~ "ab+" and x !~~ "c"', 'name =~ "ab+" and x !~ "c"'],
  [String.raw`name =~ "\d+\.\d"`, String.raw`name =~ "^(?:\\d+\\.\\d)"`],
  [String.raw`name == "a\"b\\d\q"`, String.raw`name == "a\"b\\d\\q"`],
  ['a == "=~ and &. $now //"', 'a == "=~ and &. $now //"'],
  ['user&.profile&.tier == "gold"', 'user.profile.tier == "gold"'],
  ['list&[0] == 1', 'list[0] == 1'],
  ['not role in ["a", "b"] # comment', 'not role in ["a", "b"]'],
  ['flags == 0b101 or mode == 0o17 or x == 0xff', 'flags == 5 or mode == 15 or x == 255'],
  ['$now > d"2026-03-10T09:30:00Z"', 'now > d"2026-03-10T09:30:00Z"'],
  ['$now > d"2026-03-10 09:30:00+00:00"', 'now > d"2026-03-10T09:30:00Z"'],
  ['$now - d"2026-03-10" > t"P1DT2H"', 'now - d"2026-03-10" > duration("93600000ms")'],
  ['tags.length > 2 and not name.is_empty', 'tags.size() > 2 and not name.size() == 0'],
  ['name.as_lower == "x"', 'name.lowerAscii() == "x"'],
  ['a ? b : c', 'a ? b : c'],
])('%s becomes %s', (text, normalised) => {
  expect(importRuleEngine(text)).toMatchObject({ ok: true, condition: { normalised } });
});

it('anchors alternatives as a whole', () => {
  const imported = importRuleEngine('name =~ "a|b"');
  if (!imported.ok) throw new Error(imported.error.message);
  const { evaluate } = compileCondition(imported.condition);
  expect([evaluate({ name: 'bx' }, 0), evaluate({ name: 'xb' }, 0)]).toEqual([true, false]);
  expect(imported.notes).toEqual([expect.stringContaining('anchored at the start') as string]);
});

describe('refused with its place in the Python text', () => {
  it.each([
    ['a // 2 == 1', 2, '"//" of rule-engine has no counterpart'],
    ['a ** 2 == 4', 2, '"**"'],
    ['a & 1 == 1', 2, '"&"'],
    ['a == {1, 2}', 5, '"{"'],
    ['$any(x)', 0, '"$"'],
    ['[x for x in y]', 3, 'A comprehension has no counterpart'],
    ['a == inf', 5, 'There is no "inf"'],
    ['a > d"2026-03-10 09:30:00"', 4, 'local zone'],
    ['a > t"P1Y"', 4, 'not a duration'],
    ['a == "open', 5, 'The string is not closed.'],
  ])('%s', (text, position, message) => {
    expect(importRuleEngine(text)).toMatchObject({
      ok: false,
      translated: null,
      error: { position, message: expect.stringContaining(message) as string },
    });
  });
});

it('what Python’s truthiness allows is refused in the translation', () => {
  expect(importRuleEngine('5')).toMatchObject({ ok: false, translated: '5' });
  expect(importRuleEngine('size and 1')).toMatchObject({ ok: false, translated: 'size and 1' });
});
