import { describe, expect, it } from 'vitest';
import { checkCondition, compileCondition } from '../../../core/kill-switch/condition.ts';
import { explainCondition } from '../../../core/kill-switch/explain.ts';
import type { CheckedCondition } from '../../../core/kill-switch/condition.ts';
import { DDN_SCHEMA } from '../../../core/kill-switch/ddn-facts.ts';
import { EvaluationFailure } from '../../../core/kill-switch/evaluation.ts';
import { conditionRefused, type ConditionError } from '../../../core/kill-switch/fault.ts';
import { randomCondition, randomFact, randomText, seededRandom } from './random-condition.ts';

function accepted(text: string): CheckedCondition {
  const check = checkCondition(text);
  if (!check.ok) throw new Error(`${text}: ${check.error.message}`);
  return check.condition;
}

function refusal(text: string, schema = DDN_SCHEMA): ConditionError {
  const check = checkCondition(text, { schema });
  if (check.ok) throw new Error(`${text} was accepted`);
  return check.error;
}

describe('a refused condition', () => {
  it.each<[text: string, position: number, message: string]>([
    ['role = "admin"', 5, 'Unexpected character "=". Use "==" to compare.'],
    [
      'role == "admin" AND depth > 1',
      16,
      'Unexpected "AND" (keywords are lower-case: "and"); expected an operator or the end.',
    ],
    ['role ==', 7, 'The condition ends here; expected a value.'],
    ['operatonName == "A"', 0, 'The facts of "ddn" have no name "operatonName". Did you mean "operationName"?'],
    ['role == 5', 8, '"==" compares a string or null and the number 5, which are never equal.'],
    ['"😀" == role and dept > 1', 17, 'The facts of "ddn" have no name "dept". Did you mean "depth"?'],
    ['depth > null', 8, '">" orders two numbers, strings, timestamps or durations, not a number or null and null.'],
    [
      'now > "2026-01-01"',
      6,
      '">" orders two numbers, strings, timestamps or durations, not a timestamp and the string "2026-01-01". Write a timestamp as d"2026-03-10", or convert with timestamp(…).',
    ],
    ['role.startWith("a")', 5, 'Unknown method "startWith". Did you mean "startsWith"?'],
    ['role.lower() == "a"', 5, 'Unknown method "lower". It is called as lower(value).'],
    ['contains(role, "a")', 0, 'Unknown function "contains". It is called as value.contains(…).'],
    ['role =~ "(?=a)"', 8, 'Not a pattern of RE2 syntax: invalid or unsupported Perl syntax: `(?=`.'],
    ['role == "a', 8, 'The string is not closed.'],
    ['session.constructor == 1', 8, 'The name "constructor" is not allowed; a key of that name is read with ["…"].'],
    [
      'collection == "a" and depth > 1',
      22,
      '"depth" is known at pre-parse only, never together with "collection": make two rules of it.',
    ],
  ])('%s says what and where', (text, position, message) => {
    expect(refusal(text)).toMatchObject({ position, message });
  });

  it('is shown with its line and a caret under the place', () => {
    expect(refusal('role == "a"\n\tand dept > 1')).toMatchObject({
      line: 2,
      column: 6,
      caret: ' and dept > 1\n     ^',
    });
  });

  it('is shown in part when its line is long', () => {
    const { caret } = refusal(`${'depth > 1 and '.repeat(20)}dept > 1${' and depth > 1'.repeat(20)}`);
    const [line, pointer] = caret.split('\n') as [string, string];
    expect(line).toHaveLength(80);
    expect(line.slice(pointer.length - 1)).toMatch(/^dept > 1/);
  });
});

it('becomes a domain error that names the field', () => {
  const error = conditionRefused(refusal('roel == "a"'), 'except');
  expect(error).toMatchObject({
    kind: 'unprocessable',
    code: 'CONDITION_REFUSED',
    path: 'except',
    details: { position: 0 },
  });
  expect(error.message).toBe(
    'except, line 1, column 1: The facts of "ddn" have no name "roel". Did you mean "role"?\nroel == "a"\n^',
  );
});

describe('the normalised text', () => {
  it.each([
    ['a==1&&!(b)||c', 'a == 1 and not b or c'],
    ['!a == 1', '(not a) == 1'],
    ['not a == 1', 'not a == 1'],
    ["((a)) == 'it\\'s'", `a == "it's"`],
    ['a == "and or not" # why', 'a == "and or not"'],
    ['(a and b) and c', '(a and b) and c'],
    ['a and (b or c)', 'a and (b or c)'],
    ['1-(2-3)==a', '1 - (2 - 3) == a'],
    ['session["x-y"].`z w`', 'session["x-y"].`z w`'],
    ['0x1F in [1,2 , -3]', '31 in [1, 2, -3]'],
    ['d"2026-03-10T01:00:00+01:00" <= now', 'd"2026-03-10" <= now'],
    ['a ? b : (c ? d : e)', 'a ? b : c ? d : e'],
    ['a == r"\\d\\u{1}"', 'a == "\\\\d\\\\u{1}"'],
    ['a == "\\u200b\\n"', 'a == "\\u{200b}\\n"'],
    ['-(-a.b) == 1', '-(-a.b) == 1'],
  ])('of %s is %s', (text, normalised) => {
    expect(accepted(text).normalised).toBe(normalised);
  });
});

describe('for random conditions', () => {
  const random = seededRandom(20_261_120);
  const conditions = Array.from({ length: 1_500 }, () => checkCondition(randomCondition(random)))
    .filter((check) => check.ok)
    .map((check) => check.condition);

  it('the generator writes mostly conditions', () => {
    expect(conditions.length).toBeGreaterThan(1_000);
  });

  it('the normalised text is a fixed point', () => {
    for (const { text, normalised } of conditions) {
      expect(accepted(normalised).normalised, text).toBe(normalised);
    }
  });

  it('the normalised text means the same', () => {
    for (const condition of conditions) {
      const original = compileCondition(condition);
      const reread = compileCondition(accepted(condition.normalised));
      for (let i = 0; i < 8; i++) {
        const fact = randomFact(random);
        const outcome = original.evaluate(fact, 0);
        const expected = outcome instanceof EvaluationFailure ? { message: outcome.message } : outcome;
        const reached = reread.evaluate(fact, 0);
        if (typeof expected === 'object') expect(reached, condition.text).toMatchObject(expected);
        else expect(reached, condition.text).toBe(expected);
      }
    }
  });
});

it('the explanation of a random condition agrees with its evaluation', () => {
  const random = seededRandom(11);
  for (let i = 0; i < 300; i++) {
    const check = checkCondition(randomCondition(random));
    if (!check.ok) continue;
    const fact = randomFact(random);
    const outcome = compileCondition(check.condition).evaluate(fact, 0);
    const { value, error } = explainCondition(check.condition, fact, 0);
    if (outcome instanceof EvaluationFailure) expect(error ?? typeof value, check.condition.text).not.toBe('boolean');
    else expect(value ?? false, check.condition.text).toBe(outcome);
  }
});

it('random text is answered, never thrown at, and quickly', () => {
  const random = seededRandom(7);
  for (let i = 0; i < 20_000; i++) {
    const text = randomText(random);
    const started = process.threadCpuUsage();
    const check = checkCondition(text);
    if (check.ok) compileCondition(check.condition).evaluate(randomFact(random), 0);
    // 10 ms is the mark; CPU time and the guard leave room for a machine under load.
    const elapsedMs = process.threadCpuUsage(started).user / 1_000;
    if (elapsedMs > 100) throw new Error(`${elapsedMs} ms for ${JSON.stringify(text)}`);
    if (!check.ok) expect(check.error.position).toBeLessThanOrEqual(text.length);
  }
});
