import { describe, expect, it } from 'vitest';
import { checkCondition, compileCondition } from '../../../core/kill-switch/condition.ts';
import { parseTemplate } from '../../../core/kill-switch/condition-template.ts';

const NOTHING = { role: null, user: null, dataset: null, operation: null };

describe('a condition template', () => {
  it('is filled with what a finding is about', () => {
    const template = parseTemplate('session.`x-hasura-user-id` == finding.user and role != "admin"', 'ddn');
    expect(template.conditionFor({ ...NOTHING, user: 'u-7' })).toBe(
      'session.`x-hasura-user-id` == "u-7" and role != "admin"',
    );
    expect(template.conditionFor(NOTHING)).toBeNull();
  });

  it.each(['" or true or role == "', 'a"b', "a'b", '\\', '\n', 'finding.user', '\u2028', '#', 'é'])(
    'takes the value %j for a value, whatever it looks like',
    (user) => {
      const text = parseTemplate('role == finding.user', 'ddn').conditionFor({ ...NOTHING, user }) as string;
      const checked = checkCondition(text);
      if (!checked.ok) throw new Error(checked.error.message);
      const condition = compileCondition(checked.condition);
      expect(condition.evaluate({ role: user }, 0)).toBe(true);
      expect(condition.evaluate({ role: 'another' }, 0)).toBe(false);
    },
  );

  it('reaches into lists, calls and loops', () => {
    const template = parseTemplate(
      'rootFields.exists(f, f in [finding.dataset]) and role.startsWith(finding.role)',
      'ddn',
    );
    expect(template.conditionFor({ ...NOTHING, dataset: 'orders', role: 'sup' })).toBe(
      'rootFields.exists(f, f in ["orders"]) and role.startsWith("sup")',
    );
  });

  it.each([
    ['role == finding.name', /no finding\.name; there are role, user, dataset, operation/],
    ['rolle == finding.role', /"role"/],
    ['role ==', /column 8/],
  ])('is refused at once: %s', (text, message) => {
    expect(() => parseTemplate(text, 'ddn')).toThrow(message);
  });
});
