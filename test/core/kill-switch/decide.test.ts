import { describe, expect, it } from 'vitest';
import type { KillSwitchRule } from '../../../core/domain/kill-switch-rule.ts';
import { decide } from '../../../core/kill-switch/decide.ts';
import { buildRuleSet } from '../../../core/kill-switch/rule-index.ts';
import { ruleWith } from './rules.ts';

const NOW = 1_000_000;
const FACT = { role: 'analyst', depth: 3 };

function decideOn(rules: KillSwitchRule[], fact: unknown = FACT, now = NOW) {
  return decide(buildRuleSet({ namespace: 'payments', rules, revision: 9, schema: null }), fact, now, null);
}

const hit = (key: string, fields: Partial<KillSwitchRule> = {}): KillSwitchRule =>
  ruleWith({ key, condition: 'role == "analyst"', ...fields });
const strip = (...paths: string[]): KillSwitchRule['action'] => ({ type: 'strip', paths });
const mask = (path: string, text = '***'): KillSwitchRule['action'] => ({
  type: 'mask',
  masks: [{ path, mask: 'fixed', text }],
});
const respond: KillSwitchRule['action'] = { type: 'respond', body: { data: null } };

describe('without a match', () => {
  it('the request continues', () => {
    expect(decideOn([ruleWith({ key: 'other', condition: 'role == "guest"' })])).toEqual({
      terminal: null,
      strip: [],
      mask: [],
      matched: [],
      wouldMatch: [],
      errors: [],
      revision: 9,
      stale: false,
    });
  });

  it.each([null, [], 'text', 5, [FACT]])('a fact that is %j is no error', (fact) => {
    expect(decideOn([hit('a')], fact)).toMatchObject({ matched: [], errors: [] });
  });
});

describe('precedence', () => {
  it('a higher priority wins over a stronger action', () => {
    const decision = decideOn([hit('a', { priority: 1 }), hit('b', { priority: 2, action: respond })]);
    expect(decision.terminal).toMatchObject({ ruleKey: 'b', action: respond });
    expect(decision.matched).toEqual(['b', 'a']);
  });

  it('of one priority, block comes before respond, strip and mask', () => {
    const decision = decideOn([
      hit('m', { action: mask('x') }),
      hit('s', { action: strip('y') }),
      hit('r', { action: respond }),
      hit('z'),
    ]);
    expect(decision.matched).toEqual(['z', 'r', 's', 'm']);
    expect(decision).toMatchObject({ terminal: { ruleKey: 'z' }, strip: [], mask: [] });
  });

  it('of one priority and action, the key decides', () => {
    expect(decideOn([hit('b'), hit('a')]).terminal?.ruleKey).toBe('a');
  });

  it('a terminal rule that comes first decides alone', () => {
    const decision = decideOn([hit('a', { priority: 5 }), hit('s', { action: strip('x') })]);
    expect(decision).toMatchObject({ terminal: { ruleKey: 'a' }, strip: [] });
  });

  it('names the first rule that strips or masks, which one that only logs is not', () => {
    const log: KillSwitchRule['action'] = { type: 'log' };
    const rules = [
      hit('l', { priority: 9, action: log }),
      hit('m', { action: mask('x') }),
      hit('s', { action: strip('y') }),
    ];
    expect(decideOn(rules)).toMatchObject({ matched: ['l', 's', 'm'], changedBy: 's' });
    expect(decideOn([hit('l', { action: log })])).not.toHaveProperty('changedBy');
    expect(decideOn([...rules, hit('b', { priority: 10 })])).not.toHaveProperty('changedBy');
  });

  it('strips and masks before a terminal rule apply instead of it, those behind it do not', () => {
    const decision = decideOn([
      hit('s1', { priority: 9, action: strip('a', 'b') }),
      hit('m1', { priority: 8, action: mask('c') }),
      hit('s2', { priority: 8, action: strip('b', 'd') }),
      hit('block', { priority: 7 }),
      hit('s3', { priority: 6, action: strip('e') }),
    ]);
    expect(decision.terminal).toBeNull();
    expect(decision.strip).toEqual(['a', 'b', 'd']);
    expect(decision.mask).toEqual([{ path: 'c', mask: 'fixed', text: '***' }]);
    expect(decision.matched).toEqual(['s1', 's2', 'm1', 'block', 's3']);
  });

  it('a path both stripped and masked, or below a stripped one, is stripped', () => {
    const decision = decideOn([
      hit('m1', { priority: 2, action: mask('customers.ssn') }),
      hit('m2', { priority: 2, action: mask('orders.card.number') }),
      hit('m3', { priority: 2, action: mask('ordersets.total') }),
      hit('s', { action: strip('customers.ssn', 'orders') }),
    ]);
    expect(decision.strip).toEqual(['customers.ssn', 'orders']);
    expect(decision.mask.map(({ path }) => path)).toEqual(['ordersets.total']);
  });

  it('of two masks for one path, the higher rule gives the mask', () => {
    const rules = [hit('low', { action: mask('a', 'low') }), hit('high', { priority: 1, action: mask('a', 'high') })];
    expect(decideOn(rules).mask).toEqual([{ path: 'a', mask: 'fixed', text: 'high' }]);
  });

  it('log rules are recorded and never keep another rule from acting', () => {
    const decision = decideOn([hit('log', { priority: 9, action: { type: 'log' } }), hit('block')]);
    expect(decision).toMatchObject({ matched: ['log', 'block'], terminal: { ruleKey: 'block' } });
  });

  it('dry-run rules are recorded apart and never enforced', () => {
    const decision = decideOn([hit('dry', { priority: 9, status: 'dry_run' }), hit('s', { action: strip('x') })]);
    expect(decision).toMatchObject({ matched: ['s'], wouldMatch: ['dry'], terminal: null, strip: ['x'] });
  });
});

describe('what a caller is told', () => {
  it.each([
    [{ type: 'block' } as const, 'Temporarily blocked.'],
    [{ type: 'block', message: 'Ticket OPS-17.' } as const, 'Temporarily blocked. Ticket OPS-17.'],
    [{ type: 'block', message: '  ' } as const, 'Temporarily blocked.'],
  ])('%j: %s', (action, message) => {
    expect(decideOn([hit('a', { action, validTo: NOW + 1 })]).terminal).toEqual({
      action,
      ruleKey: 'a',
      message,
      until: NOW + 1,
    });
  });
});

describe('which rules are asked', () => {
  it.each(['draft', 'inactive', 'archived'] as const)('%s rules are not', (status) => {
    expect(decideOn([hit('a', { status })])).toMatchObject({ matched: [], wouldMatch: [] });
  });

  it.each<[validFrom: number | null, validTo: number | null, asked: boolean]>([
    [null, null, true],
    [NOW, null, true],
    [NOW + 1, null, false],
    [null, NOW, false],
    [null, NOW + 1, true],
    [NOW, NOW, false],
  ])('a rule valid from %s to %s: %s', (validFrom, validTo, asked) => {
    expect(decideOn([hit('a', { validFrom, validTo })]).matched).toEqual(asked ? ['a'] : []);
  });

  it('a rule with weekly windows is asked inside them', () => {
    const schedule = { zone: 'UTC', windows: [{ days: ['thu'], from: 16, to: 17 }] } as const;
    // NOW is 1970-01-01, a Thursday, 00:16:40.
    expect(decideOn([hit('a', { schedule })]).matched).toEqual(['a']);
    expect(decideOn([hit('a', { schedule })], FACT, NOW + 60_000).matched).toEqual([]);
  });

  it('a rule of another environment is not, where the service knows its own', () => {
    const rules = [hit('here', { environment: 'prod' }), hit('there', { environment: 'test' }), hit('anywhere')];
    const keysIn = (environment?: string | null) => [
      ...buildRuleSet({
        namespace: 'payments',
        rules,
        revision: 1,
        ...(environment === undefined ? {} : { environment }),
      }).rules.keys(),
    ];
    expect(keysIn('prod')).toEqual(['here', 'anywhere']);
    expect(keysIn(null)).toEqual(['anywhere']);
    expect(keysIn()).toEqual(['here', 'there', 'anywhere']);
  });

  it('a rule of the engine namespace is asked at its stages only', () => {
    const rules = [
      hit('everywhere', { namespace: 'ddn' }),
      hit('graphql', { namespace: 'ddn', condition: 'operationName == "A"' }),
      hit('ndc', { namespace: 'ddn', condition: 'collection == "cards"' }),
      hit('mask', { namespace: 'ddn', action: mask('cards.number') }),
    ];
    const ruleSet = buildRuleSet({ namespace: 'ddn', rules, revision: 1 });
    const fact = { role: 'analyst', operationName: 'A', collection: 'cards' };
    const matchedAt = (stage: Parameters<typeof decide>[3]) => decide(ruleSet, fact, NOW, stage).matched;
    expect(matchedAt('pre-parse')).toEqual(['everywhere', 'graphql']);
    expect(matchedAt('pre-ndc-request')).toEqual(['everywhere', 'ndc']);
    expect(matchedAt('pre-response')).toEqual(['mask']);
    expect(matchedAt('pre-ndc-response')).toEqual(['mask']);
    expect(matchedAt(null)).toEqual(['everywhere', 'graphql', 'ndc', 'mask']);
  });
});

describe('exceptions and errors', () => {
  it('an exception that is true keeps the rule from matching', () => {
    expect(decideOn([hit('a', { except: 'depth == 3' })]).matched).toEqual([]);
    expect(decideOn([hit('a', { except: 'depth == 4' })]).matched).toEqual(['a']);
  });

  it('an exception that fails does not apply, and is reported', () => {
    expect(decideOn([hit('a', { except: 'level > 5' })])).toMatchObject({
      matched: ['a'],
      errors: [{ key: 'a', message: 'except: ">" cannot order null and number.' }],
    });
  });

  it('a rule that fails does not match, is reported, and hides no other', () => {
    const decision = decideOn([hit('broken', { condition: 'level > 5', priority: 9 }), hit('good')]);
    expect(decision).toMatchObject({
      matched: ['good'],
      terminal: { ruleKey: 'good' },
      errors: [{ key: 'broken', message: '">" cannot order null and number.' }],
    });
  });

  it('a rule that fails matches where its author wants that, unless excepted', () => {
    const fails = { condition: 'level > 5', onError: 'match' } as const;
    expect(decideOn([hit('a', fails)])).toMatchObject({ matched: ['a'], errors: [{ key: 'a' }] });
    expect(decideOn([hit('a', { ...fails, except: 'depth == 3' })])).toMatchObject({
      matched: [],
      errors: [{ key: 'a' }],
    });
    expect(decideOn([hit('a', { ...fails, condition: 'depth > 5' })])).toMatchObject({ matched: [], errors: [] });
  });

  it('a rule that does not compile is unsupported, and hides no other', () => {
    const ruleSet = buildRuleSet({
      namespace: 'payments',
      revision: 1,
      rules: [hit('broken', { condition: 'role ==' }), hit('good')],
    });
    expect(ruleSet.unsupported).toEqual([
      { key: 'broken', message: 'condition: The condition ends here; expected a value.' },
    ]);
    expect(decide(ruleSet, FACT, NOW, null).matched).toEqual(['good']);
  });
});
