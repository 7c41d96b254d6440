import { describe, expect, it } from 'vitest';
import { checkCondition, compileCondition } from '../../../core/kill-switch/condition.ts';
import { DDN_SCHEMA } from '../../../core/kill-switch/ddn-facts.ts';
import { EvaluationFailure } from '../../../core/kill-switch/evaluation.ts';
import { exportToCel } from '../../../core/kill-switch/to-cel.ts';

/** `refused` when it is created, `error` when it is evaluated. */
type Outcome = boolean | 'refused' | 'error';

function outcomeOf(text: string, fact: unknown): Outcome {
  const check = checkCondition(text);
  if (!check.ok) return 'refused';
  const value = compileCondition(check.condition).evaluate(fact, 0);
  return value instanceof EvaluationFailure ? 'error' : value;
}

const around = (open: string, count: number, inner: string, close = ''): string =>
  open.repeat(count) + inner + close.repeat(count);
const list = (length: number): string => `[${Array.from({ length }, () => '1').join(',')}]`;
const chain = (operand: string, operator: string, length: number): string =>
  Array.from({ length }, () => operand).join(operator);
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
const keys = (count: number): Record<string, number> => Object.fromEntries(zeros(count).map((_, at) => [`k${at}`, at]));
const zeros = (length: number): number[] => Array.from({ length }, () => 0);

describe('nesting', () => {
  it.each<[name: string, text: string, fact: unknown, expected: Outcome]>([
    ['60 parentheses', around('(', 60, 'a', ')'), { a: true }, true],
    ['64 parentheses', around('(', 64, 'a', ')'), { a: true }, true],
    ['65 parentheses', around('(', 65, 'a', ')'), {}, 'refused'],
    ['200 parentheses', around('(', 200, 'a', ')'), {}, 'refused'],
    ['5,000 open parentheses', '('.repeat(5_000), {}, 'refused'],
    ['10,000 open parentheses', '('.repeat(10_000), {}, 'refused'],
    ['64 "not"', around('not ', 64, 'a'), { a: true }, true],
    ['65 "not"', around('not ', 65, 'a'), {}, 'refused'],
    ['65 "!"', around('!', 65, 'a'), {}, 'refused'],
    ['8,000 "!"', around('!', 8_000, 'a'), {}, 'refused'],
    ['65 "-"', around('-', 65, '1 == 1'), {}, 'refused'],
    ['64 lists', around('[', 64, '', ']').concat(' == a'), { a: 1 }, false],
    ['65 lists', around('[', 65, '', ']').concat(' == a'), {}, 'refused'],
    ['64 conditionals', around('a ? true : ', 64, 'false'), {}, false],
    ['65 conditionals', around('a ? true : ', 65, 'false'), {}, 'refused'],
    ['64 calls', around('lower(', 64, 'a', ')').concat(' == "x"'), { a: 'X' }, true],
    ['65 calls', around('lower(', 65, 'a', ')').concat(' == "x"'), {}, 'refused'],
    ['a path of 200 members', `a${'.b'.repeat(200)} == null`, {}, true],
    ['a path of 200 indices', `a${'["b"]'.repeat(200)} == null`, {}, true],
    ['a chain of 400 "and"', chain('a', ' and ', 400), { a: true }, true],
    ['a sum of 400 terms', `${chain('1', '+', 400)} == 400`, {}, true],
    ['equality of 64 levels', 'a == b', { a: nested(64), b: nested(64) }, true],
    ['equality of 65 levels', 'a == b', { a: nested(65), b: nested(65) }, 'error'],
    ['inequality at the top of 70 levels', 'a == b', { a: nested(70), b: 5 }, false],
  ])('%s', (_name, text, fact, expected) => {
    expect(outcomeOf(text, fact)).toBe(expected);
  });
});

describe('sizes', () => {
  it.each<[name: string, text: string, fact: unknown, expected: Outcome]>([
    ['a text of 8,192 characters', `a == "${'x'.repeat(8_185)}"`, { a: 'x'.repeat(8_185) }, true],
    ['a text of 8,193 characters', `a == "${'x'.repeat(8_186)}"`, {}, 'refused'],
    ['a list of 1,000', `a in ${list(1_000)}`, { a: 1 }, true],
    ['a list of 1,001', `a in ${list(1_001)}`, {}, 'refused'],
    ['999 nodes', chain('a', ' or ', 500), {}, false],
    ['1,001 nodes', chain('a', ' or ', 501), {}, 'refused'],
    ['1,000 nodes beside lists that count as one each', `a in ${list(900)} or a in ${list(900)}`, { a: 1 }, true],
    ['a pattern of 512 characters', `a =~ "[x]${'x'.repeat(509)}"`, { a: 'x'.repeat(512) }, true],
    ['a pattern of 513 characters', `a =~ "[x]${'x'.repeat(510)}"`, {}, 'refused'],
    ['a string of 65,536 characters searched', 'a =~ "[bc]"', { a: 'a'.repeat(65_536) }, false],
    ['a string of 65,537 characters searched', 'a =~ "[bc]"', { a: 'a'.repeat(65_537) }, 'error'],
    ['the same limit for a plain pattern', 'a =~ "b"', { a: 'a'.repeat(65_537) }, 'error'],
    ['the same limit for matches()', 'a.matches("b")', { a: 'a'.repeat(65_537) }, 'error'],
  ])('%s', (_name, text, fact, expected) => {
    expect(outcomeOf(text, fact)).toBe(expected);
  });
});

describe('the cost of checking', () => {
  it('does not double with each list inside a list', () => {
    const text = `role in [${around('role in [', 60, 'role', ']')}]`;
    const started = process.cpuUsage();
    checkCondition(text, { schema: DDN_SCHEMA });
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
  });

  it('of the export to CEL does not double with each operand', () => {
    const text = `${chain('a', ' ?? ', 300)} == 1`;
    const check = checkCondition(text);
    if (!check.ok) throw new Error(check.error.message);
    expect(exportToCel(check.condition)).toMatchObject({
      ok: false,
      error: { message: 'In CEL this part is written twice, and becomes too long.' },
    });
  });
});

describe('the cost of an evaluation', () => {
  it.each<[name: string, text: string, fact: unknown, expected: Outcome]>([
    ['10,000 steps', 'a.exists(x, x == 1)', { a: zeros(10_000) }, false],
    ['10,001 steps', 'a.exists(x, x == 1)', { a: zeros(10_001) }, 'error'],
    ['10,001 steps of "all"', 'a.all(x, x == 0)', { a: zeros(10_001) }, 'error'],
    ['101 × 101 steps', 'a.exists(x, a.exists(y, x > y))', { a: zeros(101) }, 'error'],
    ['two quantifiers of 6,000 steps', 'a.exists(x, x == 1) or a.exists(x, x == 2)', { a: zeros(6_000) }, 'error'],
    ['steps over the limit beside what decides', 'a.exists(x, x == 1) or true', { a: zeros(10_001) }, true],
    ['membership in 20,000 elements, which is no step', '1 in a', { a: zeros(20_000) }, false],
    ['membership in a long list inside a loop', 'a.exists(x, 1 in b)', { a: zeros(9_000), b: zeros(9_000) }, 'error'],
    [
      'a pattern on a long text inside a loop',
      'a.exists(x, b =~ "[cd]")',
      { a: zeros(9_000), b: 'b'.repeat(60_000) },
      'error',
    ],
    [
      'a map of many keys inside a loop',
      'a.exists(x, b.exists(k, k == "") and x == 1)',
      { a: zeros(9_000), b: keys(9_000) },
      'error',
    ],
    ['the size of such a map inside a loop', 'a.exists(x, size(b) == x)', { a: zeros(9_000), b: keys(9_000) }, 'error'],
    [
      'long texts ordered inside a loop',
      'a.exists(x, b < c)',
      { a: zeros(9_000), b: 'x'.repeat(99_999), c: 'x'.repeat(99_999) },
      'error',
    ],
    [
      'long texts joined inside a loop',
      'a.exists(x, b + b == c)',
      { a: zeros(9_000), b: 'x'.repeat(99_999), c: '' },
      'error',
    ],
    [
      'a long text changed inside a loop',
      'a.exists(x, lower(b) == c)',
      { a: zeros(9_000), b: 'x'.repeat(99_999), c: '' },
      'error',
    ],
    ['a string made too long', `${chain('a', ' + ', 40)} == ""`, { a: 'x'.repeat(50_000) }, 'error'],
  ])('%s', (_name, text, fact, expected) => {
    expect(outcomeOf(text, fact)).toBe(expected);
  });

  it('is bounded on patterns and inputs that make a backtracking engine hang', () => {
    const started = process.cpuUsage();
    for (const pattern of ['^(a+)+$', '(a|a)*$x', '(a*)*b', '([a-z]+)*[0-9]', '(.*)(.*)(.*)(.*)(.*)[0-9]']) {
      expect(outcomeOf(`a =~ "${pattern}"`, { a: `${'a'.repeat(65_535)}!` })).toBe(false);
    }
    // Linear: a few milliseconds each. The guard is two hundred times that, for a machine under load.
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_500);
  });
});
