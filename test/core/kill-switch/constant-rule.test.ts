import { describe, expect, it } from 'vitest';
import type { KillSwitchRule } from '../../../core/domain/kill-switch-rule.ts';
import { compileRule } from '../../../core/kill-switch/compile-rule.ts';
import { isConstantTrue } from '../../../core/kill-switch/constant-rule.ts';
import { ruleWith } from './rules.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');

function compiled(fields: Partial<KillSwitchRule> & Pick<KillSwitchRule, 'condition'>) {
  const compilation = compileRule(ruleWith({ key: 'rule', namespace: 'ddn', ...fields }));
  if (!compilation.ok) throw new Error(compilation.error.message);
  return compilation.compiled;
}

describe('a rule that matches whatever the fact', () => {
  it.each<[string, Partial<KillSwitchRule>, boolean]>([
    ['true', {}, true],
    ['role == null', {}, true],
    ['not (role == "a")', {}, true],
    ['size(rootFields) == 0', {}, true],
    ['now > d"2020-01-01"', {}, true],
    ['true', { except: 'now > d"2020-01-01"' }, false],
    ['role == "a"', {}, false],
    ['depth > 3', {}, false],
    ['limit + 1 > 0', {}, false],
    ['limit + 1 > 0', { onError: 'match' }, true],
    ['namespace == "ddn"', {}, true],
    ['has(namespace)', {}, true],
    ['namespace == "ddn"', { namespace: 'payments' }, false],
  ])('%s with %j: %s', (condition, fields, expected) => {
    expect(isConstantTrue(compiled({ condition, ...fields }), NOW)).toBe(expected);
  });
});
