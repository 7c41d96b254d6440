import { describe, expect, it } from 'vitest';
import type { KillSwitchRule } from '../../../core/domain/kill-switch-rule.ts';
import { candidateRules } from '../../../core/kill-switch/atom-index.ts';
import { decide, decideByLinearScan } from '../../../core/kill-switch/decide.ts';
import {
  buildRuleSet,
  buildRuleSetInSteps,
  changeRuleSet,
  changeRuleSetInSteps,
  emptyRuleSet,
  type RuleSet,
} from '../../../core/kill-switch/rule-index.ts';
import { randomCondition, randomFact, type RandomSource, seededRandom } from './random-condition.ts';
import { ruleWith } from './rules.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

function ruleSetOf(conditions: readonly string[]) {
  const rules = conditions.map((condition, at) => ruleWith({ key: `r${at}`, condition }));
  return buildRuleSet({ namespace: 'payments', rules, revision: 1 });
}

function candidateKeys(conditions: readonly string[], fact: unknown): string[] {
  return [...candidateRules(ruleSetOf(conditions), fact, NOW)].map(({ rule }) => rule.key).sort();
}

it.each([1, 2, 3, 4, 5, 6])('equals the linear scan for random rules and facts, seed %i', (seed) => {
  const random = seededRandom(seed);
  const rules = Array.from({ length: 250 }, (_, at) =>
    ruleWith({
      key: `r${at}`,
      condition: randomCondition(random),
      except: random.chance(0.2) ? randomCondition(random) : null,
      priority: random.below(3),
      status: random.chance(0.2) ? 'dry_run' : 'active',
      onError: random.chance(0.2) ? 'match' : 'no_match',
      action: random.pick([{ type: 'block' }, { type: 'strip', paths: ['a.b'] }, { type: 'log' }] as const),
    }),
  );
  const ruleSet = buildRuleSet({ namespace: 'payments', rules, revision: seed });
  expect(ruleSet.paths.length).toBeGreaterThan(3);
  let matches = 0;
  for (let i = 0; i < 150; i++) {
    const fact = randomFact(random);
    const indexed = decide(ruleSet, fact, NOW, null);
    expect(indexed, JSON.stringify(fact)).toEqual(decideByLinearScan(ruleSet, fact, NOW, null));
    matches += indexed.matched.length + indexed.errors.length;
  }
  expect(matches).toBeGreaterThan(1_000);
});

function randomRule(random: RandomSource, key: string, revision: number): KillSwitchRule {
  return ruleWith({
    key,
    revision,
    // Some do not compile, here as if a newer version had delivered them: the version before holds.
    condition: random.chance(0.05) ? 'a future spelling' : randomCondition(random),
    except: random.chance(0.2) ? randomCondition(random) : null,
    priority: random.below(3),
    status: random.pick(['active', 'active', 'dry_run', 'inactive', 'archived'] as const),
    environment: random.chance(0.1) ? 'elsewhere' : null,
    onError: random.chance(0.2) ? 'match' : 'no_match',
    action: random.pick([{ type: 'block' }, { type: 'strip', paths: ['a.b'] }, { type: 'log' }] as const),
  });
}

/** Every rule of the set is found, and only such: what a request may meet through the index and what is listed agree. */
function indexedKeys({ paths, residual }: RuleSet): Set<string> {
  const found = new Set(residual.map(({ rule }) => rule.key));
  for (const path of paths) {
    for (const bucket of path.rulesByValue.values()) for (const { rule } of bucket) found.add(rule.key);
  }
  return found;
}

it.each([1, 2, 3, 4, 5, 6])('equals one built anew after any changes, seed %i', (seed) => {
  const random = seededRandom(seed);
  const [namespace, environment] = ['payments', 'here'];
  const stored = new Map<string, KillSwitchRule>();
  let changed = emptyRuleSet(namespace);
  let built = changed;
  for (let revision = 1; revision <= 80; revision++) {
    const rules = new Map<string, KillSwitchRule>();
    for (let i = random.below(12); i >= 0; i--) {
      const rule = randomRule(random, `r${random.below(150)}`, revision);
      const known = stored.get(rule.key);
      const isTouched = known !== undefined && random.chance(0.3);
      rules.set(rule.key, isTouched ? { ...known, revision, priority: random.below(3), status: 'active' } : rule);
    }
    for (const rule of rules.values()) stored.set(rule.key, rule);
    const before = changed;
    const keysBefore = indexedKeys(before);
    changed = changeRuleSet(before, { rules: rules.values(), revision, environment });
    // The set before is given for the rules that do not compile: their last version holds.
    built = buildRuleSet({ namespace, rules: stored.values(), revision, previous: built, environment });

    expect([...changed.rules.keys()].sort()).toEqual([...built.rules.keys()].sort());
    expect([changed.rules.size, changed.askedAt]).toEqual([built.rules.size, built.askedAt]);
    expect(changed.unsupported.map(({ key }) => key).sort()).toEqual(built.unsupported.map(({ key }) => key).sort());
    expect(indexedKeys(changed)).toEqual(new Set(changed.rules.keys()));
    expect(indexedKeys(before)).toEqual(keysBefore);
    const fact = randomFact(random);
    const decision = decide(changed, fact, NOW, null);
    expect(decision, JSON.stringify(fact)).toEqual(decide(built, fact, NOW, null));
    expect(decision).toEqual(decideByLinearScan(changed, fact, NOW, null));
  }
  expect(changed.rules.size).toBeGreaterThan(40);
});

describe('changing some rules of many', () => {
  const rules = Array.from({ length: 2_000 }, (_, at) => ruleWith({ key: `r${at}`, condition: conditionOf(at) }));
  const first = buildRuleSet({ namespace: 'payments', rules, revision: 1 });

  function conditionOf(id: number): string {
    return `kind == "same" and id == ${id}`;
  }

  it('asks as few for a fact as an index built anew does, however many changes came one by one', () => {
    let ruleSet = emptyRuleSet('payments');
    for (const rule of rules) ruleSet = changeRuleSet(ruleSet, { rules: [rule], revision: 1 });
    const asked = [7, 1_999].map((id) => [...candidateRules(ruleSet, { kind: 'same', id }, NOW)].length);
    expect(Math.max(...asked)).toBeLessThanOrEqual(2);
    const [changed] = rules;
    for (let revision = 2; revision < 3_000; revision++) {
      const status = revision % 2 === 0 ? 'inactive' : 'active';
      ruleSet = changeRuleSet(ruleSet, { rules: [{ ...(changed as KillSwitchRule), status }], revision });
    }
    expect([...candidateRules(ruleSet, { kind: 'same', id: 0 }, NOW)].map(({ rule }) => rule.key)).toEqual(['r0']);
    expect(ruleSet.rules.size).toBe(2_000);
  });

  it('takes steps in proportion to the changes', () => {
    const steps = changeRuleSetInSteps(first, { rules: rules.slice(0, 3), revision: 2 });
    let count = 0;
    while (steps.next().done !== true) count++;
    // One for each change, and one before the swap.
    expect(count).toBe(4);
  });

  it('builds the index anew once more rules were added than it was built of', () => {
    const doubled = rules.map((rule) => ({ ...rule, key: `${rule.key}-again` }));
    let ruleSet = changeRuleSet(first, { rules: doubled, revision: 2 });
    expect([ruleSet.frequency.rules, ruleSet.addedSince]).toEqual([2_000, 2_000]);
    ruleSet = changeRuleSet(ruleSet, { rules: [ruleWith({ key: 'last', condition: 'id == 1' })], revision: 3 });
    expect([ruleSet.frequency.rules, ruleSet.addedSince]).toEqual([4_001, 0]);
    expect(decide(ruleSet, { kind: 'same', id: 1 }, NOW, null).matched).toEqual(['last', 'r1', 'r1-again']);
  });

  it('forgets a path of which no rule is left', () => {
    const [last] = [ruleWith({ key: 'one', condition: 'a == 1' })];
    const one = changeRuleSet(emptyRuleSet('payments'), { rules: [last], revision: 1 });
    const none = changeRuleSet(one, { rules: [{ ...last, status: 'archived' }], revision: 2 });
    expect([one.paths.length, none.paths.length, none.rules.size]).toEqual([1, 0, 0]);
  });
});

describe('the candidates', () => {
  it('are the rules whose atom holds, and those without one', () => {
    const conditions = ['a == 1', 'a == 2', '"x" == b', 'a in [1, 3]', '"t" in tags', 'a != 1', 'a > 0 or b == 1'];
    expect(candidateKeys(conditions, { a: 1, b: 'x', tags: ['t'] })).toEqual(['r0', 'r2', 'r3', 'r4', 'r5', 'r6']);
    expect(candidateKeys(conditions, { a: 3 })).toEqual(['r3', 'r5', 'r6']);
    expect(candidateKeys(conditions, {})).toEqual(['r5', 'r6']);
  });

  it('take one atom of each side of an "or"', () => {
    expect(candidateKeys(['a == 1 or b == 2'], { b: 2 })).toEqual(['r0']);
    expect(candidateKeys(['a == 1 or b == 2'], { a: 2, b: 1 })).toEqual([]);
  });

  it('are found by the rarest atom of an "and"', () => {
    const conditions = Array.from({ length: 100 }, (_, at) => `kind == "same" and id == ${at}`);
    expect(candidateKeys(conditions, { kind: 'same', id: 7 })).toEqual(['r7']);
  });

  it('include rules whose path cannot be read, so that their error is reported', () => {
    expect(candidateKeys(['a.b == 1 and c'], { a: 'text' })).toEqual(['r0']);
    expect(candidateKeys(['"x" in a'], { a: 5 })).toEqual(['r0']);
  });

  it('find a literal in a list, the keys of a map and a string', () => {
    for (const a of [['x'], { x: 1 }, 'xyz']) expect(candidateKeys(['"x" in a'], { a })).toEqual(['r0']);
    expect(candidateKeys(['"x" in a'], { a: [['x']] })).toEqual([]);
  });

  it('find null as a value like any other', () => {
    expect(candidateKeys(['a == null', 'a == 0'], {})).toEqual(['r0']);
  });
});

describe('building the next set', () => {
  const rules = Array.from({ length: 50 }, (_, at) => ruleWith({ key: `r${at}`, condition: `id == ${at}` }));
  const first = buildRuleSet({ namespace: 'payments', rules, revision: 1 });

  it('compiles changed rules only', () => {
    const changed = rules.map((rule) => (rule.key === 'r7' ? { ...rule, condition: 'id == 700', revision: 2 } : rule));
    const next = buildRuleSet({ namespace: 'payments', rules: changed, revision: 2, previous: first });
    expect(next.rules.get('r8')?.condition).toBe(first.rules.get('r8')?.condition);
    expect(next.rules.get('r7')?.condition).not.toBe(first.rules.get('r7')?.condition);
    expect(decide(next, { id: 700 }, NOW, null)).toMatchObject({ matched: ['r7'], revision: 2 });
    expect(decide(first, { id: 7 }, NOW, null)).toMatchObject({ matched: ['r7'], revision: 1 });
  });

  it('compiles a rule again when its windows change', () => {
    const schedule = { zone: 'UTC', windows: [] };
    const changed = rules.map((rule) => (rule.key === 'r7' ? { ...rule, schedule } : rule));
    const next = buildRuleSet({ namespace: 'payments', rules: changed, revision: 2, previous: first });
    expect([7, 8].map((id) => decide(next, { id }, NOW, null).matched)).toEqual([[], ['r8']]);
  });

  it('takes what else changed of an uncompiled rule', () => {
    const changed = rules.map((rule) => ({ ...rule, validTo: NOW, priority: 4 }));
    const next = buildRuleSet({ namespace: 'payments', rules: changed, revision: 2, previous: first });
    expect(decide(next, { id: 7 }, NOW, null).matched).toEqual([]);
    expect(decide(next, { id: 7 }, NOW - 1, null).matched).toEqual(['r7']);
  });

  it('keeps the previous version of a rule that does not compile, and says so', () => {
    const changed = rules.map((rule) => (rule.key === 'r7' ? { ...rule, condition: 'id = 7' } : rule));
    const next = buildRuleSet({ namespace: 'payments', rules: changed, revision: 2, previous: first });
    expect(next.unsupported.map(({ key }) => key)).toEqual(['r7']);
    expect(decide(next, { id: 7 }, NOW, null).matched).toEqual(['r7']);
  });

  it('drops rules that are gone or no longer engaged', () => {
    const changed = rules
      .slice(8)
      .map((rule) => (rule.key === 'r9' ? ({ ...rule, status: 'inactive' } as const) : rule));
    const next = buildRuleSet({ namespace: 'payments', rules: changed, revision: 2, previous: first });
    expect([7, 8, 9].map((id) => decide(next, { id }, NOW, null).matched)).toEqual([[], ['r8'], []]);
  });

  it('can be interrupted after every rule', () => {
    const steps = buildRuleSetInSteps({ namespace: 'payments', rules, revision: 1 });
    let count = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) count++;
    expect(count).toBeGreaterThanOrEqual(rules.length);
    expect(step.value.rules.size).toBe(rules.length);
  });

  it('starts from nothing', () => {
    expect(decide(emptyRuleSet('payments'), { id: 7 }, NOW, null)).toMatchObject({ matched: [], revision: 0 });
  });
});
