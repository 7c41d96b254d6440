/**
 * What a kill-switch decision costs, in CPU time of the main thread and as a ratio to a predicate written by hand.
 * `npx node test/bench/kill-switch.bench.ts`
 */
import { checkCondition, compileCondition } from '../../core/kill-switch/condition.ts';
import { decide, decideByLinearScan } from '../../core/kill-switch/decide.ts';
import { buildRuleSet, buildRuleSetInSteps } from '../../core/kill-switch/rule-index.ts';
import type { RuleSet } from '../../core/kill-switch/rule-index.ts';
import { seededRandom } from '../core/kill-switch/random-condition.ts';
import { ruleWith } from '../core/kill-switch/rules.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

interface Fact {
  readonly WORKFLOW?: string;
  readonly BANK?: string;
  readonly amount?: number;
  readonly country?: string;
  readonly role?: string;
  readonly depth?: number;
  readonly user?: { readonly id: string; readonly email: string };
  readonly tags?: readonly string[];
}

/** Eight facts in turn, so that no branch is always the same. */
const FACTS: readonly Fact[] = Array.from({ length: 8 }, (_, i) => ({
  WORKFLOW: i % 4 === 0 ? 'SALE' : 'PURCHASE',
  BANK: i % 3 === 0 ? 'BARCLAYS' : 'HSBC',
  amount: 90 + 10 * i,
  country: ['DE', 'FR', 'IT'][i % 3] as string,
  role: 'analyst',
  depth: i,
  user: { id: `u-${i}`, email: `person${i}@example.com` },
  tags: ['a', 'b', 'pii'],
}));
const EMPTY: readonly Fact[] = Array.from({ length: 8 }, () => ({}));

const MAIL = /^[a-z]+[0-9]+@example\.(?:com|org)$/;
const DOMAIN = /@example\.(?:com|org)$/;
const ID = /^u-[0-9]+$/;

interface Condition {
  readonly name: string;
  readonly markNs: number;
  readonly text: string;
  readonly byHand: (fact: Fact) => boolean;
}

const CONDITIONS: readonly Condition[] = [
  {
    name: 'the seed’s rule',
    markNs: 100,
    text: 'WORKFLOW == "PURCHASE" and BANK == "HSBC"',
    byHand: (fact) => fact.WORKFLOW === 'PURCHASE' && fact.BANK === 'HSBC',
  },
  {
    name: '4 terms, in-list, not',
    markNs: 250,
    text: 'WORKFLOW == "PURCHASE" and country in ["DE", "FR", "ES", "PT"] and not (BANK == "X") and amount > 100',
    byHand: (fact) =>
      fact.WORKFLOW === 'PURCHASE' &&
      ['DE', 'FR', 'ES', 'PT'].includes(fact.country ?? '') &&
      !(fact.BANK === 'X') &&
      (fact.amount ?? 0) > 100,
  },
  {
    name: '5 terms, 1 pattern, list fact',
    markNs: 1_000,
    text: 'depth >= 0 and "pii" in tags and user.email =~ "@example[.](?:com|org)$" and amount >= 100 and role != "admin"',
    byHand: (fact) =>
      (fact.depth ?? -1) >= 0 &&
      (fact.tags ?? []).includes('pii') &&
      DOMAIN.test(fact.user?.email ?? '') &&
      (fact.amount ?? 0) >= 100 &&
      fact.role !== 'admin',
  },
  {
    name: '20 terms, 2 patterns',
    markNs: 2_000,
    text:
      'WORKFLOW != "A" and BANK != "B" and amount >= 0 and country in ["DE", "FR", "IT"] and role == "analyst" and user.id =~ "^u-[0-9]+$" and ' +
      'user.email =~ "^[a-z]+[0-9]+@example[.](?:com|org)$" and "a" in tags and "b" in tags and depth < 10 and depth >= 0 and WORKFLOW != "C" and ' +
      'BANK != "D" and amount < 10000 and country != "US" and role != "admin" and user.id != "u-99" and not (depth == 11) and "pii" in tags and amount != 3',
    byHand: (fact) =>
      fact.WORKFLOW !== 'A' &&
      fact.BANK !== 'B' &&
      (fact.amount ?? -1) >= 0 &&
      ['DE', 'FR', 'IT'].includes(fact.country ?? '') &&
      ID.test(fact.user?.id ?? '') &&
      MAIL.test(fact.user?.email ?? '') &&
      (fact.tags ?? []).includes('a') &&
      (fact.tags ?? []).includes('b') &&
      (fact.depth ?? 99) < 10 &&
      (fact.depth ?? -1) >= 0 &&
      fact.WORKFLOW !== 'C' &&
      fact.BANK !== 'D' &&
      (fact.amount ?? 99_999) < 10_000 &&
      fact.country !== 'US' &&
      fact.role !== 'admin' &&
      fact.role === 'analyst' &&
      fact.user?.id !== 'u-99' &&
      fact.depth !== 11 &&
      (fact.tags ?? []).includes('pii') &&
      fact.amount !== 3,
  },
];

export async function run(): Promise<void> {
  console.log('kill switch: one evaluation of a compiled condition (CPU)');
  for (const condition of CONDITIONS) reportEvaluation(condition);
  console.log('kill switch: one decision by many rules');
  for (const count of [1, 100, 1_000, 10_000]) reportDecision(count);
  reportPattern();
  await reportSwap(10_000);
}

function reportEvaluation({ name, markNs, text, byHand }: Condition): void {
  const compiled = compile(text);
  const [ours, hand, absent] = [
    nanoseconds((i) => compiled.evaluate(FACTS[i & 7], NOW)),
    nanoseconds((i) => byHand(FACTS[i & 7] as Fact)),
    nanoseconds((i) => compiled.evaluate(EMPTY[i & 7], NOW)),
  ];
  const create = nanoseconds(() => compile(text), 20_000);
  console.log(
    `  ${name.padEnd(30)} ${ns(ours)} (mark ${markNs})  ${(ours / hand).toFixed(1)} × by hand (${ns(hand)})  ` +
      `names absent ${ns(absent)}  create ${(create / 1_000).toFixed(1)} µs (mark 50)`,
  );
}

const DECISION_MARKS: Readonly<Record<number, number>> = { 1: 1_000, 100: 1_000, 1_000: 2_000, 10_000: 5_000 };

function reportDecision(count: number): void {
  const ruleSet = ruleSetOf(count);
  const facts = Array.from({ length: 8 }, (_, i) => ({
    WORKFLOW: 'PURCHASE',
    BANK: `bank-${i * 31}`,
    amount: 100 * i,
  }));
  const indexed = nanoseconds((i) => decide(ruleSet, facts[i & 7], NOW, null), 100_000);
  const linear = nanoseconds(
    (i) => decideByLinearScan(ruleSet, facts[i & 7], NOW, null),
    Math.max(20, 400_000 / count),
  );
  console.log(
    `  ${String(count).padStart(6)} rules: indexed ${ns(indexed)} (mark ${DECISION_MARKS[count]}), linear ${ns(linear)}, ${(linear / indexed).toFixed(0)} ×`,
  );
}

function rulesOf(count: number) {
  return Array.from({ length: count }, (_, at) =>
    ruleWith({
      key: `rule-${at}`,
      condition: `WORKFLOW == "PURCHASE" and BANK == "bank-${at}" and amount > ${at % 500}`,
    }),
  );
}

function ruleSetOf(count: number, previous: RuleSet | null = null): RuleSet {
  return buildRuleSet({ namespace: 'payments', rules: rulesOf(count), revision: 1, previous });
}

/** What makes other engines slow: nested repeats a backtracking one, 2^30 states an automaton. */
const HOSTILE_PATTERNS = ['([a-z]+)*[0-9]$', 'a[a-z]{30}[0-9]'];

function reportPattern(): void {
  const random = seededRandom(1);
  const fact = { a: Array.from({ length: 65_536 }, () => random.pick(['a', 'b'])).join('') };
  for (const pattern of HOSTILE_PATTERNS) {
    const compiled = compile(`a =~ "${pattern}"`);
    const elapsed = nanoseconds(() => compiled.evaluate(fact, NOW), 10);
    console.log(`kill switch: the pattern ${pattern} on 64 KiB ${ms(elapsed)} (mark 50 ms)`);
  }
}

/** The service's loop in small: slices of at most 5 ms, then the event loop has its turn. */
async function reportSwap(count: number): Promise<void> {
  const rules = rulesOf(count);
  const first = await buildInSlices(rules, null);
  const changed = rules.map((rule, at) => (at === 0 ? { ...rule, condition: 'BANK == "another"', revision: 2 } : rule));
  const second = await buildInSlices(changed, first.ruleSet);
  for (const [name, build] of [
    ['all new', first],
    ['one changed', second],
  ] as const) {
    console.log(
      `kill switch: ${count} rules, ${name}: ${ms(build.cpuNs)} of CPU in ${build.slices} slices, longest ${ms(build.longestNs)} (mark 10 ms)`,
    );
  }
}

async function buildInSlices(rules: ReturnType<typeof rulesOf>, previous: RuleSet | null) {
  const steps = buildRuleSetInSteps({ namespace: 'payments', rules, revision: 1, previous });
  const [started, sliceMs] = [process.threadCpuUsage(), 5];
  for (let [slices, longestNs] = [1, 0]; ; slices++) {
    const [sliceStart, sliceCpu] = [performance.now(), process.threadCpuUsage()];
    let step = steps.next();
    while (step.done !== true && performance.now() - sliceStart < sliceMs) step = steps.next();
    longestNs = Math.max(longestNs, cpuNanoseconds(sliceCpu));
    if (step.done === true) return { ruleSet: step.value, slices, longestNs, cpuNs: cpuNanoseconds(started) };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function compile(text: string) {
  const check = checkCondition(text);
  if (!check.ok) throw new Error(`${check.error.message}\n${check.error.caret}`);
  return compileCondition(check.condition);
}

/** CPU nanoseconds per call, after as many calls to warm up; the sum keeps the work from being optimised away. */
function nanoseconds(call: (i: number) => unknown, calls = 500_000): number {
  let truths = 0;
  for (let i = 0; i < calls; i++) truths += call(i) === true ? 1 : 0;
  const started = process.threadCpuUsage();
  for (let i = 0; i < calls; i++) truths += call(i) === true ? 1 : 0;
  const elapsed = cpuNanoseconds(started);
  if (truths < 0) throw new Error('counts cannot be negative');
  return elapsed / calls;
}

function cpuNanoseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) * 1_000;
}

const ns = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ns`;
const ms = (value: number): string => `${(value / 1e6).toFixed(1)} ms`;

if (import.meta.main) await run();
