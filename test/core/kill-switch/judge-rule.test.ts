import { describe, expect, it } from 'vitest';
import type { KillSwitchRule } from '../../../core/domain/kill-switch-rule.ts';
import { UNKNOWN } from '../../../core/domain/request-facts.ts';
import type { VaryingValue } from '../../../core/domain/request-facts.ts';
import { type DecideOptions, decide, decideByLinearScan } from '../../../core/kill-switch/decide.ts';
import { MAX_EVALUATIONS } from '../../../core/kill-switch/judge-rule.ts';
import { buildRuleSet } from '../../../core/kill-switch/rule-index.ts';
import { randomCondition, randomFact, seededRandom } from './random-condition.ts';
import { ruleWith } from './rules.ts';

const NOW = 1_000_000;

function decideOn(rules: readonly KillSwitchRule[], fact: object, options: DecideOptions = {}) {
  return decide(buildRuleSet({ namespace: 'payments', rules, revision: 1 }), fact, NOW, null, options);
}

const matchedBy = (condition: string, fact: object, varying: readonly VaryingValue[] = []) =>
  decideOn([ruleWith({ key: 'r', condition })], fact, { varying }).matched.length > 0;

function randomRules(random: ReturnType<typeof seededRandom>, count: number): KillSwitchRule[] {
  return Array.from({ length: count }, (_, at) =>
    ruleWith({
      key: `r${at}`,
      condition: randomCondition(random),
      except: random.chance(0.3) ? randomCondition(random) : null,
      onError: random.chance(0.2) ? 'match' : 'no_match',
    }),
  );
}

/** Random facts are sometimes no map. */
function randomMap(random: ReturnType<typeof seededRandom>): Record<string, unknown> {
  for (;;) {
    const fact = randomFact(random);
    if (typeof fact === 'object' && fact !== null && !Array.isArray(fact)) return fact as Record<string, unknown>;
  }
}

describe('a fact of which something is unknown', () => {
  it.each([
    ['depth > 3', true],
    ['role == "user" and depth > 3', true],
    ['depth > 3 and role == "user"', true],
    ['role == "admin" and depth > 3', false],
    ['role == "user" or depth > 3', true],
    ['has(depth)', true],
    ['not has(depth)', true],
    ['(depth ?? 0) > 3', true],
    ['type(depth) == "null"', true],
    ['role > 3 or depth > 3', true],
    ['role > 3', false],
    ['[1, 2].exists(x, x == depth)', true],
    ['session["x"] == depth', true],
    ['session[depth] == 1', true],
    ['has(session[depth])', true],
  ])('is matched by %s: %s', (condition, isMatch) => {
    expect(matchedBy(condition, { role: 'user', depth: UNKNOWN, session: {} })).toBe(isMatch);
  });

  it.each([1, 2, 3, 4])('is matched by every rule that some value in its place would match, seed %i', (seed) => {
    const random = seededRandom(seed);
    const rules = randomRules(random, 150);
    const ruleSet = buildRuleSet({ namespace: 'payments', rules, revision: 1 });
    let decided = 0;
    for (let i = 0; i < 60; i++) {
      const fact = randomMap(random);
      const name = random.pick(Object.keys(fact).length > 0 ? Object.keys(fact) : ['a']);
      const unknown = decide(ruleSet, { ...fact, [name]: UNKNOWN }, NOW, null);
      expect(unknown).toEqual(decideByLinearScan(ruleSet, { ...fact, [name]: UNKNOWN }, NOW, null));
      for (let j = 0; j < 5; j++) {
        const other = randomMap(random);
        const known = decide(ruleSet, { ...fact, [name]: other[name] }, NOW, null);
        expect(unknown.matched).toEqual(expect.arrayContaining([...known.matched]));
      }
      decided += rules.length - unknown.matched.length;
    }
    // It is no proof if nothing is ever decided.
    expect(decided).toBeGreaterThan(1_000);
  });

  it('refuses in words of its own, and never answers what was meant for others', () => {
    const condition = 'depth > 3';
    const message = 'Temporarily blocked. The request is too large or nested too deep to be judged.';
    for (const action of [
      { type: 'block', message: 'No.' },
      { type: 'respond', body: {} },
    ] as const) {
      const { terminal } = decideOn([ruleWith({ key: 'r', condition, action })], { depth: UNKNOWN });
      expect(terminal).toMatchObject({ action: { type: 'block' }, ruleKey: 'r', message });
    }
  });
});

describe('values that vary', () => {
  it.each([1, 2, 3, 4])('match where a combination of them does, and leave the fact as it was, seed %i', (seed) => {
    const random = seededRandom(seed);
    const ruleSet = buildRuleSet({ namespace: 'payments', rules: randomRules(random, 100), revision: 1 });
    let matches = 0;
    for (let i = 0; i < 60; i++) {
      const first = randomMap(random);
      const second = randomMap(random);
      const names = Object.keys(first).slice(0, 3);
      const varying = names.map((name) => ({ path: [name], values: [first[name], second[name] ?? null] }));
      const expected = new Set<string>();
      for (let bits = 0; bits < 1 << names.length; bits++) {
        const fact = { ...first };
        for (const [at, { path, values }] of varying.entries()) fact[path[0] as string] = values[(bits >> at) & 1];
        for (const key of decide(ruleSet, fact, NOW, null).matched) expected.add(key);
      }
      const fact = { ...first };
      const decision = decide(ruleSet, fact, NOW, null, { varying });
      expect(new Set(decision.matched)).toEqual(expected);
      expect(decision).toEqual(decideByLinearScan(ruleSet, fact, NOW, null, { varying }));
      expect(fact).toEqual(first);
      matches += expected.size;
    }
    expect(matches).toBeGreaterThan(500);
  });

  const USES = [{ x: 1 }, { x: 0 }, { y: 5 }];
  const nested = () => ({ arguments: { a: USES[0], b: { y: 0 } }, role: 'user' });
  const VARYING = [
    { path: ['arguments', 'a'], values: USES },
    { path: ['arguments', 'b'], values: [{ y: 0 }, { y: 2 }] },
  ];

  it.each([
    ['arguments.a.x == 1 and arguments.b.y == 2', true],
    ['arguments.a.x == 0 and arguments.b.y == 2', true],
    ['arguments.a.x == 1 and arguments.a.y == 5', false],
    ['arguments["a"]["y"] == 5', true],
    ['"y" in arguments.a', true],
    ['arguments.exists(f, arguments[f].y == 2)', true],
    ['arguments.exists(f, arguments[f].x == 0) and arguments.b.y == 2', true],
    ['arguments.all(f, arguments[f].y in [5, 2])', true],
    ['arguments.all(f, arguments[f].x == 1)', false],
    ['has(arguments.a.y)', true],
    ['not has(arguments.a.x) and role == "user"', true],
    ['arguments.a == arguments.b', false],
    ['size(arguments.a) == 1 and size(arguments) == 2', true],
  ])('in maps of maps are matched by %s: %s', (condition, isMatch) => {
    expect(matchedBy(condition, nested(), VARYING)).toBe(isMatch);
  });

  it('are not gone through by a rule that does not read them', () => {
    let asked = 0;
    const values = Array.from({ length: 2_000 }, (_, x) => ({ x }));
    const fact = {
      arguments: { a: values[0] },
      get role() {
        asked++;
        return 'user';
      },
    };
    const varying = [{ path: ['arguments', 'a'], values }];
    decideOn([ruleWith({ key: 'r', condition: 'role =~ "admin" or role == "x"' })], fact, { varying });
    expect(asked).toBeLessThan(10);
  });

  it('report the failure of a rule once', () => {
    const rule = ruleWith({ key: 'r', condition: 'arguments.a.x > 5 or arguments.a.x == 9' });
    const { errors } = decideOn([rule], nested(), { varying: VARYING });
    expect(errors).toEqual([{ key: 'r', message: '">" cannot order null and number.' }]);
  });

  it('count as matching where they are too many to be gone through, unless one value rules them out', () => {
    const values = (count: number) => Array.from({ length: count }, (_, x) => x);
    const many = [
      { path: ['a'], values: values(MAX_EVALUATIONS / 50) },
      { path: ['b'], values: values(51) },
    ];
    expect(matchedBy('a + b == -1', { a: 0, b: 0 }, many)).toBe(true);
    expect(matchedBy('a == -1 and b == -1', { a: 0, b: 0 }, many)).toBe(false);
    expect(matchedBy('a + b == -1', { a: 0, b: 0 }, [{ path: ['a'], values: values(500) }])).toBe(false);
  });
});

describe('priority', () => {
  const lo = ruleWith({ key: 'lo', condition: 'x == 1', priority: 1 });
  const varying = [{ path: ['x'], values: [1, 2] }];

  it('decides between rules that match different values', () => {
    const hi = ruleWith({ key: 'hi', condition: 'x == 2', priority: 10 });
    expect(decideOn([lo, hi], { x: 1 }, { varying })).toMatchObject({
      terminal: { ruleKey: 'hi' },
      matched: ['hi', 'lo'],
    });
  });

  it('lets a strip stand before a block', () => {
    const hi = ruleWith({ key: 'hi', condition: 'x == 2', priority: 10, action: { type: 'strip', paths: ['a.b'] } });
    expect(decideOn([lo, hi], { x: 1 }, { varying })).toMatchObject({ terminal: null, strip: ['a.b'] });
  });
});

describe('the time of a decision', () => {
  const many = (condition: (i: number) => string, count: number) =>
    Array.from({ length: count }, (_, i) => ruleWith({ key: `r${i}`, condition: condition(i) }));
  const isOverdue = () => true;

  it('is not asked for while the decision takes next to nothing', () => {
    const decision = decideOn(
      many((i) => `role == "user" and ${i} != 0`, 100),
      { role: 'user' },
      { isOverdue },
    );
    expect(decision.matched).toHaveLength(99);
    expect(decision).not.toHaveProperty('unfinished');
  });

  it('ends a decision that has too many rules to ask', () => {
    const decision = decideOn(
      many((i) => `role =~ "no${i % 7}"`, 6_000),
      { role: 'user' },
      { isOverdue },
    );
    expect(decision).toMatchObject({ unfinished: true, matched: [] });
  });

  it('ends a rule that goes through a long list', () => {
    const fields = Array.from({ length: 9_999 }, (_, i) => `f${i}`);
    const decision = decideOn(
      [ruleWith({ key: 'r', condition: 'fields.exists(f, f == "x")' })],
      { fields },
      { isOverdue },
    );
    expect(decision).toMatchObject({ unfinished: true, errors: [{ message: 'The time for the decision is up.' }] });
  });

  it('does not free a request whose own size took it', () => {
    const values = Array.from({ length: 9_000 }, (_, x) => x);
    const varying = [{ path: ['x'], values }];
    for (const condition of ['x == -1', 'x + 1 == -1']) {
      expect(decideOn([ruleWith({ key: 'r', condition })], { x: 0 }, { varying, isOverdue }).matched).toEqual(['r']);
      expect(decideOn([ruleWith({ key: 'r', condition })], { x: 0 }, { varying }).matched).toEqual([]);
    }
  });
});
