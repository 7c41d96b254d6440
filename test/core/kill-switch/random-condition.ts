/** Deterministic random conditions, facts and texts, for the property tests and the benchmark of the kill switch. */

export interface RandomSource {
  /** Integer in [0, bound). */
  below(bound: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(probability: number): boolean;
}

/** Mulberry32 (Tommy Ettinger, 2017): 32 bits of state are enough for test data. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    below: (bound) => Math.floor(next() * bound),
    pick: (choices) => choices[Math.floor(next() * choices.length)] as (typeof choices)[number],
    chance: (probability) => next() < probability,
  };
}

const PATHS = [
  'a',
  'b',
  'tags',
  'user.id',
  'user.role',
  'user["id"]',
  'session.`x-role`',
  'list[0]',
  'deep.er.est',
] as const;
const LITERALS = ['"u-1"', '"u-2"', "'pii'", '1', '2', '-1', '0.5', 'true', 'false', 'null', 'd"2026-03-10"'] as const;
const PATTERNS = ['"^u-"', 'r"\\d+"', '"(?i)PII"', '"a|b"'] as const;

/** A condition of the language, in a random spelling; most are accepted, some contradict themselves. */
export function randomCondition(random: RandomSource, depth = 3): string {
  if (depth === 0 || random.chance(0.25)) return randomComparison(random);
  const part = (): string => randomCondition(random, depth - 1);
  switch (random.below(8)) {
    case 0:
      return `(${part()})`;
    case 1:
      return random.chance(0.5) ? `not ${part()}` : `!(${part()})`;
    case 2:
    case 3:
    case 4:
      return `(${part()}) ${random.pick(['and', '&&'])} (${part()})`;
    case 5:
      return `${part()} ${random.pick(['or', '||', 'and'])} ${part()}`;
    case 6:
      return `(${part()}) ? (${part()}) : (${part()})`;
    default:
      return `${random.pick(PATHS)}.${random.pick(['exists', 'all'])}(x, ${part()} or x == ${random.pick(LITERALS)})`;
  }
}

function randomComparison(random: RandomSource): string {
  const path = random.pick(PATHS);
  const literal = random.pick(LITERALS);
  switch (random.below(11)) {
    case 0:
    case 1:
    case 2:
      return random.chance(0.8) ? `${path} == ${literal}` : `${literal} == ${path}`;
    case 3:
    case 4:
      return `${path} ${random.pick(['in', 'in', 'not in'])} [${literal}, ${random.pick(LITERALS)}]`;
    case 5:
    case 6:
      return `${literal} ${random.pick(['in', 'in', 'not in'])} ${path}`;
    case 7:
      return `${path} ${random.pick(['<', '<=', '>', '>=', '!='])} ${literal}`;
    case 8:
      return `${path} ${random.pick(['=~', '!~'])} ${random.pick(PATTERNS)}`;
    case 9:
      return `${path} ${random.pick(['+', '-', '*', '/', '%'])} 2 ${random.pick(['==', '>'])} ${random.pick(PATHS)} ?? 1`;
    default:
      return random.pick(['has(user.id)', 'size(tags) > 1', 'a == b', 'user == deep', 'a', 'type(a) == "list"']);
  }
}

const VALUES: readonly unknown[] = [
  'u-1',
  'u-2',
  'pii',
  '',
  1,
  2,
  -1,
  0.5,
  true,
  false,
  null,
  [],
  ['pii', 1],
  ['u-1', null, ['u-2']],
  {},
  { 'u-1': 1, pii: null },
  { id: 'u-1', role: 'pii', er: { est: 2 } },
];

/** A fact that has the paths of `randomCondition` or not, with values that fit them or not. */
export function randomFact(random: RandomSource): unknown {
  if (random.chance(0.03)) return random.pick(VALUES);
  const fact: Record<string, unknown> = {};
  for (const name of ['a', 'b', 'tags', 'user', 'session', 'list', 'deep']) {
    if (random.chance(0.75)) fact[name] = random.pick(VALUES);
  }
  if (random.chance(0.5)) fact['user'] = { id: random.pick(VALUES), role: random.pick(VALUES) };
  if (random.chance(0.5)) fact['session'] = { 'x-role': random.pick(VALUES) };
  if (random.chance(0.5)) fact['deep'] = { er: { est: random.pick(VALUES) } };
  return fact;
}

const FRAGMENTS = [
  'and',
  'or',
  'not',
  'in',
  'true',
  'null',
  'now',
  'a',
  'b.c',
  'has',
  'size',
  'exists',
  'all',
  'lower',
  'd"2026-01-01"',
  '"x"',
  "'",
  '"',
  '`',
  '`q`',
  'r"',
  '1',
  '0x1F',
  '1e5',
  '0.',
  '09',
  '(',
  ')',
  '[',
  ']',
  ',',
  '.',
  '?',
  ':',
  '??',
  '==',
  '!=',
  '<',
  '>=',
  '=~',
  '!~',
  '&&',
  '||',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '&',
  '{',
  '}',
  '$',
  '\\',
  '\n',
  '\t',
  ' ',
  '#',
  '\u0000',
  '\ud83d',
  'é',
  '😀',
  '__proto__',
  'constructor',
  '"(a+)+$"',
  '"[a-z]{1000}"',
  '"((((a{100}){100}))"',
  'duration("1h")',
  'timestamp(',
  '.exists(x,',
  '((((((((',
  '[[[[[[',
  'not not not ',
  '!!!!!!',
] as const;

/** Text of the language's own pieces in no order, mostly no condition at all. */
export function randomText(random: RandomSource): string {
  const length = random.chance(0.05) ? 2_000 : random.below(30);
  const gap = random.pick(['', ' ']);
  return Array.from({ length }, () => random.pick(FRAGMENTS)).join(gap);
}
