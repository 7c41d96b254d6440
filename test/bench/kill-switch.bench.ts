/**
 * What a kill-switch decision costs, in CPU time of the main thread and as a ratio to a predicate written by hand.
 * `npx node test/bench/kill-switch.bench.ts`
 */
import { checkCondition, compileCondition } from '../../core/kill-switch/condition.ts';
import { decide, decideByLinearScan } from '../../core/kill-switch/decide.ts';
import { buildRuleSet, buildRuleSetInSteps } from '../../core/kill-switch/rule-index.ts';
import type { RuleSet } from '../../core/kill-switch/rule-index.ts';
import { seededRandom } from '../core/kill-switch/random-condition.ts';
import { cpuNanoseconds, nanosecondsPerCall } from './cpu-time.ts';
import { BENCH_CONDITIONS, BENCH_FACTS, BENCH_NOW as NOW, BANK_FACTS, bankRules } from './kill-switch-rules.ts';
import type { BenchCondition, BenchFact } from './kill-switch-rules.ts';

const EMPTY = {};

export async function run(): Promise<void> {
  console.log('kill switch: one evaluation of a compiled condition (CPU)');
  for (const condition of BENCH_CONDITIONS) reportEvaluation(condition);
  console.log('kill switch: one decision by many rules');
  for (const count of [1, 100, 1_000, 10_000]) reportDecision(count);
  reportPattern();
  await reportSwap(10_000);
}

function reportEvaluation({ name, markNs, text, byHand }: BenchCondition): void {
  const compiled = compile(text);
  const [ours, hand, absent] = [
    nanosecondsPerCall((i) => compiled.evaluate(BENCH_FACTS[i & 7], NOW)),
    nanosecondsPerCall((i) => byHand(BENCH_FACTS[i & 7] as BenchFact)),
    nanosecondsPerCall(() => compiled.evaluate(EMPTY, NOW)),
  ];
  const create = nanosecondsPerCall(() => compile(text), 20_000);
  console.log(
    `  ${name.padEnd(30)} ${ns(ours)} (mark ${markNs})  ${(ours / hand).toFixed(1)} × by hand (${ns(hand)})  ` +
      `names absent ${ns(absent)}  create ${(create / 1_000).toFixed(1)} µs (mark 50)`,
  );
}

const DECISION_MARKS: Readonly<Record<number, number>> = { 1: 1_000, 100: 1_000, 1_000: 2_000, 10_000: 5_000 };

function reportDecision(count: number): void {
  const ruleSet = ruleSetOf(count);
  const indexed = nanosecondsPerCall((i) => decide(ruleSet, BANK_FACTS[i & 7], NOW, null), 100_000);
  const linear = nanosecondsPerCall(
    (i) => decideByLinearScan(ruleSet, BANK_FACTS[i & 7], NOW, null),
    Math.max(20, 400_000 / count),
  );
  console.log(
    `  ${String(count).padStart(6)} rules: indexed ${ns(indexed)} (mark ${DECISION_MARKS[count]}), linear ${ns(linear)}, ${(linear / indexed).toFixed(0)} ×`,
  );
}

function ruleSetOf(count: number, previous: RuleSet | null = null): RuleSet {
  return buildRuleSet({ namespace: 'payments', rules: bankRules(count), revision: 1, previous });
}

/** What makes other engines slow: nested repeats a backtracking one, 2^30 states an automaton. */
const HOSTILE_PATTERNS = ['([a-z]+)*[0-9]$', 'a[a-z]{30}[0-9]'];

function reportPattern(): void {
  const random = seededRandom(1);
  const fact = { a: Array.from({ length: 65_536 }, () => random.pick(['a', 'b'])).join('') };
  for (const pattern of HOSTILE_PATTERNS) {
    const compiled = compile(`a =~ "${pattern}"`);
    const elapsed = nanosecondsPerCall(() => compiled.evaluate(fact, NOW), 10);
    console.log(`kill switch: the pattern ${pattern} on 64 KiB ${ms(elapsed)} (mark 50 ms)`);
  }
}

/** The service's loop in small: slices of at most 5 ms, then the event loop has its turn. */
async function reportSwap(count: number): Promise<void> {
  const rules = bankRules(count);
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

async function buildInSlices(rules: ReturnType<typeof bankRules>, previous: RuleSet | null) {
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

const ns = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ns`;
const ms = (value: number): string => `${(value / 1e6).toFixed(1)} ms`;

if (import.meta.main) await run();
