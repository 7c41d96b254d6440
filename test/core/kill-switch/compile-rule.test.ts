import { describe, expect, it } from 'vitest';
import type { KillSwitchRule, RuleAction } from '../../../core/domain/kill-switch-rule.ts';
import { compileRule } from '../../../core/kill-switch/compile-rule.ts';
import type { CompiledRule } from '../../../core/kill-switch/compile-rule.ts';
import { buildRuleSet } from '../../../core/kill-switch/rule-index.ts';
import { RESIDUAL_LIMIT, warningsOf } from '../../../core/kill-switch/rule-warnings.ts';
import { ruleWith } from './rules.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

function compiled(condition: string, fields: Partial<KillSwitchRule> = {}): CompiledRule {
  const compilation = compileRule(ruleWith({ key: 'rule', namespace: 'ddn', condition, ...fields }));
  if (!compilation.ok) throw new Error(compilation.error.message);
  return compilation.compiled;
}

const block: RuleAction = { type: 'block' };
const respond: RuleAction = { type: 'respond', body: { data: null } };
const strip: RuleAction = { type: 'strip', paths: ['customers.ssn'] };
const mask: RuleAction = { type: 'mask', masks: [{ path: 'customers.ssn', mask: 'null' }] };
const log: RuleAction = { type: 'log' };

describe('where a rule is asked, and what it covers', () => {
  const everything = ['graphql', 'sql', 'jsonapi'];
  it.each<[condition: string, action: RuleAction, stages: string[], coverage: string[]]>([
    ['role == "a"', block, ['pre-parse', 'pre-ndc-request'], everything],
    ['operationName == "A"', block, ['pre-parse'], ['graphql']],
    ['depth > 9 and operationName == "A"', block, ['pre-parse'], ['graphql']],
    ['collection == "cards" and role == "a"', block, ['pre-ndc-request'], everything],
    ['arguments.a.x == 1', block, ['pre-parse'], ['graphql']],
    ['arguments.a.x == 1', mask, ['pre-response'], ['graphql']],
    ['collection == "a" and arguments.a.x == 1', block, ['pre-ndc-request'], everything],
    ['arguments.a.x == 1 and connector == "pg"', mask, ['pre-ndc-response'], everything],
    ['role == "a"', respond, ['pre-parse'], ['graphql']],
    ['collection == "cards"', respond, ['pre-ndc-request'], everything],
    ['role == "a"', strip, ['pre-parse'], ['graphql']],
    ['role == "a"', mask, ['pre-response', 'pre-ndc-response'], everything],
    ['"customers" in rootFields', mask, ['pre-response'], ['graphql']],
    ['connector == "pg"', mask, ['pre-ndc-response'], everything],
    ['role == "a"', log, ['pre-parse', 'pre-ndc-request'], everything],
  ])('%s with %j', (condition, action, stages, coverage) => {
    expect(compiled(condition, { action })).toMatchObject({ stages, coverage });
  });

  it('the exception says with the condition whose arguments are meant', () => {
    const except = 'arguments.a.x == 1';
    expect(compiled('collection == "a"', { except })).toMatchObject({ stages: ['pre-ndc-request'] });
    expect(compiled('role == "a"', { except })).toMatchObject({ stages: ['pre-parse'] });
  });

  it('a rule of a namespace without stages is always asked', () => {
    expect(compiled('role == "a"', { namespace: 'payments' })).toMatchObject({ stages: null, coverage: [] });
  });
});

describe('a refused rule', () => {
  it.each<[fields: Partial<KillSwitchRule>, field: string, message: RegExp]>([
    [{ condition: 'rol == "a"' }, 'condition', /Did you mean "role"/],
    [{ except: 'depth > "1"' }, 'except', /orders two numbers/],
    [{ condition: 'collection == "a"', except: 'depth > 1' }, 'except', /never known together/],
    [{ condition: 'collection == "a"', action: strip }, 'action', /"strip" cannot be carried out at pre-ndc-request/],
    [{ schedule: { zone: 'Mars/Base', windows: [] } }, 'schedule', /Unknown time zone "Mars\/Base"/],
    [{ languageVersion: 2 }, 'languageVersion', /version 2 of the condition language; here it is 1/],
    [{ condition: 'depth > 5', action: mask }, 'action', /"mask" cannot be carried out at pre-parse/],
  ])('%j: its %s', (fields, field, message) => {
    const rule = ruleWith({ key: 'rule', namespace: 'ddn', condition: 'role == "a"', ...fields });
    expect(compileRule(rule)).toMatchObject({
      ok: false,
      error: { field, message: expect.stringMatching(message) as string },
    });
  });
});

describe('warnings', () => {
  const setOf = (rules: KillSwitchRule[]) => buildRuleSet({ namespace: 'ddn', rules, revision: 1 });
  const codes = (rule: CompiledRule, rules: KillSwitchRule[] = []) =>
    warningsOf(rule, setOf(rules), NOW).map(({ code }) => code);

  it.each<[string, KillSwitchRule['action'], string[]]>([
    ['role == "a"', block, ['RELATIONAL_SQL']],
    ['operationName == "A"', block, ['GRAPHQL_ONLY']],
    ['operationName == "A"', { type: 'block', quiet: true }, ['GRAPHQL_ONLY', 'WEBSOCKET_CLIENTS']],
    ['role == "a"', { type: 'block', quiet: true }, ['RELATIONAL_SQL', 'WEBSOCKET_CLIENTS']],
    ['role == "a"', respond, ['GRAPHQL_ONLY', 'WEBSOCKET_CLIENTS']],
    ['role == "a"', strip, ['GRAPHQL_ONLY']],
    ['role == "a"', mask, ['RELATIONAL_SQL', 'WEBSOCKET_CLIENTS']],
    ['collection == "a"', mask, ['RELATIONAL_SQL']],
    ['collection == "a"', log, ['RELATIONAL_SQL']],
    ['true', strip, ['GRAPHQL_ONLY', 'MATCHES_EVERYTHING']],
  ])('of what %s with %j does not cover', (condition, action, expected) => {
    expect(codes(compiled(condition, { action }))).toEqual(expected);
  });

  it('none for a rule of a program, which the engine never meets', () => {
    expect(codes(compiled('BANK == "HSBC"', { namespace: 'payments' }))).toEqual([]);
  });

  it('of one rule too many that cannot be indexed', () => {
    const rules = Array.from({ length: RESIDUAL_LIMIT + 1 }, (_, at) =>
      ruleWith({ key: `r${at}`, namespace: 'ddn', condition: `role =~ "^${at}"` }),
    );
    expect(codes(compiled('role =~ "^a"'), rules)).toContain('NOT_INDEXED');
    expect(codes(compiled('role =~ "^a"'), rules.slice(1))).not.toContain('NOT_INDEXED');
    expect(codes(compiled('role == "a"'), rules)).not.toContain('NOT_INDEXED');
  });

  it('of another terminal action for the same atoms, in whatever order', () => {
    const other = ruleWith({
      key: 'other',
      namespace: 'ddn',
      condition: 'role in ["b", "a"] and service == "x"',
      action: respond,
    });
    const rule = compiled('service == "x" and role in ["a", "b"]');
    expect(codes(rule, [other])).toContain('OVERLAP');
    expect(codes(rule, [{ ...other, action: block }])).not.toContain('OVERLAP');
    expect(codes(rule, [{ ...other, action: log }])).not.toContain('OVERLAP');
    expect(codes(compiled('service == "y" and role in ["a", "b"]'), [other])).not.toContain('OVERLAP');
  });
});
