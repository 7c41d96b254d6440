import { expect, it } from 'vitest';
import { checkCondition } from '../../../core/kill-switch/condition.ts';
import { exportToCel } from '../../../core/kill-switch/to-cel.ts';

function exported(text: string) {
  const check = checkCondition(text);
  if (!check.ok) throw new Error(check.error.message);
  return exportToCel(check.condition);
}

it.each([
  ['WORKFLOW == "PURCHASE" and not BANK == "HSBC"', 'WORKFLOW == "PURCHASE" && !(BANK == "HSBC")'],
  ['not a and (b or c)', '!a && (b || c)'],
  ['(not a) == b', '!a == b'],
  ['amount + 1 > 10', 'amount + 1.0 > 10.0'],
  ['a % b == 0', 'double(int(a) % int(b)) == 0.0'],
  ['a not in [1, -2.5, 1e21]', '!(a in [1.0, -2.5, 1e+21])'],
  ['a in "text"', '"text".contains(a)'],
  ['a =~ r"^\\d" and b !~ "x"', 'a.matches("^\\\\d") && !b.matches("x")'],
  ['matches(a.b, "x")', 'a.b.matches("x")'],
  ['session.`x-hasura-role` == "and or not"', 'session["x-hasura-role"] == "and or not"'],
  ['a.namespace == `b`', 'a["namespace"] == b'],
  ['a[0]["k"] == null', 'a[0]["k"] == null'],
  ['a.b ?? "none" == "x"', '(a.b != null ? a.b : "none") == "x"'],
  ['has(a.b) and has(c)', '(has(a.b) && a.b != null) && c != null'],
  ['has(a.`x-y`)', '"x-y" in a && a["x-y"] != null'],
  ['a ? b : (c ? d : e)', 'a ? b : (c ? d : e)'],
  ['tags.exists(t, t == "x") and size(tags) > 1', 'tags.exists(t, t == "x") && double(size(tags)) > 1.0'],
  ['now - duration("1d2h") > d"2026-03-10"', 'now - duration("93600s") > timestamp("2026-03-10T00:00:00.000Z")'],
  ['now.getHours("Europe/Berlin") >= 9', 'double(now.getHours("Europe/Berlin")) >= 9.0'],
  ['lower(a) == "\\u200b\\n"', 'a.lowerAscii() == "\\u200b\\u000a"'],
  ['number(a) - (b - 1) == -c', 'double(a) - (b - 1.0) == -c'],
])('%s is %s', (text, cel) => {
  expect(exported(text)).toMatchObject({ ok: true, text: cel });
});

it('notes what differs', () => {
  expect(exported('a % b == 0 and now > d"2026-03-10"')).toMatchObject({
    notes: [
      expect.stringContaining('An absent name') as string,
      expect.stringContaining('"%" for integers only') as string,
      expect.stringContaining('"now" is a variable') as string,
    ],
  });
});

it.each([
  ['type(a) == "string"', 0, '"type" cannot be exported'],
  ['b and `x-y` == 1', 6, 'cannot be the name of a variable'],
  ['b and namespace == "ddn"', 6, 'cannot be the name of a variable'],
])('refuses %s', (text, position, message) => {
  expect(exported(text)).toMatchObject({
    ok: false,
    error: { position, message: expect.stringContaining(message) as string },
  });
});
