/**
 * The condition language beside `@marcbachmann/cel-js` and `filtrex` in one run: CPU time of the main thread, medians of rounds
 * in which the contenders take turns, and the ratio to ours. `npx node test/bench/run.ts kill-switch-peers`
 */
import { Environment } from '@marcbachmann/cel-js';
import { compileExpression } from 'filtrex';
import { checkCondition, compileCondition } from '../../core/kill-switch/condition.ts';
import { decide, decideByLinearScan } from '../../core/kill-switch/decide.ts';
import { buildRuleSet } from '../../core/kill-switch/rule-index.ts';
import { exportToCel } from '../../core/kill-switch/to-cel.ts';
import { nanosecondsInTurns } from './cpu-time.ts';
import {
  BANK_FACTS,
  BENCH_CONDITIONS,
  BENCH_FACTS,
  BENCH_NOW as NOW,
  bankCondition,
  bankRules,
} from './kill-switch-rules.ts';
import type { BenchFact } from './kill-switch-rules.ts';

interface Spelling {
  readonly text: string;
  readonly filtrex: string;
}

type Rule = (fact: BenchFact) => unknown;

interface Language {
  readonly name: string;
  spell(condition: Spelling): string;
  /** Reads and checks a text and makes it ready, as far as the library does that before the first evaluation. */
  create(text: string): Rule;
}

const cel = new Environment({ unlistedVariablesAreDyn: true });

const LANGUAGES: readonly Language[] = [
  {
    name: 'ours',
    spell: ({ text }) => text,
    create(text) {
      const compiled = compileCondition(checked(text));
      return (fact) => compiled.evaluate(fact, NOW);
    },
  },
  {
    name: 'cel-js',
    spell({ text }) {
      const cel = exportToCel(checked(text));
      if (!cel.ok) throw new Error(cel.error.message);
      return cel.text;
    },
    create(text) {
      const rule = cel.parse(text);
      const { valid, error } = rule.check();
      if (!valid) throw new Error(`cel-js refuses ${text}`, { cause: error });
      return (fact) => rule(fact);
    },
  },
  {
    name: 'filtrex',
    spell: ({ filtrex }) => filtrex,
    create: (text) => compileExpression(text),
  },
];

/** Each changes what some term asks for, so that equal answers are equal for a reason. */
const CHANGES: readonly BenchFact[] = [
  {},
  { role: 'admin' },
  { depth: 11 },
  { amount: 3 },
  { country: 'US' },
  { tags: ['a', 'b'] },
  { user: { id: 'u-x', email: 'person1@example.com' } },
  { user: { id: 'u-1', email: 'person1@example.net' } },
];
const COMPARED_FACTS = CHANGES.flatMap((change) => BENCH_FACTS.map((fact) => ({ ...fact, ...change })));

export async function run(): Promise<void> {
  for (const condition of BENCH_CONDITIONS) compareCondition(condition.name, condition);
  for (const count of [100, 1_000, 10_000]) compareRuleSet(count);
}

function compareCondition(name: string, condition: Spelling): void {
  const contenders = LANGUAGES.map((language) => {
    const text = language.spell(condition);
    return { language, text, rule: language.create(text) };
  });
  assertSameAnswers(
    name,
    contenders.map(({ language, rule }) => ({ name: language.name, answers: COMPARED_FACTS.map(rule) })),
  );
  const evaluation = nanosecondsInTurns(
    contenders.map(
      ({ rule }) =>
        (i) =>
          rule(BENCH_FACTS[i & 7] as BenchFact),
    ),
  );
  const creation = nanosecondsInTurns(
    contenders.map(
      ({ language, text }) =>
        () =>
          language.create(distinct(text)),
    ),
  );
  console.log(`kill switch and peers: ${name}`);
  contenders.forEach(({ language }, at) => {
    console.log(
      `  ${language.name.padEnd(8)} ${ratio(evaluation, at)} per evaluation (${ns(evaluation[at] as number)})   ` +
        `${ratio(creation, at)} per creation (${µs(creation[at] as number)})`,
    );
  });
}

let texts = 0;

/** A text that was not created before: ours keeps compiled patterns, and a rule that is new has new ones. */
function distinct(text: string): string {
  texts++;
  return text.replaceAll(/PURCHASE|example|u-/g, (word) => `${word}${texts}`);
}

function compareRuleSet(count: number): void {
  const ruleSet = buildRuleSet({ namespace: 'payments', rules: bankRules(count), revision: 1, previous: null });
  const texts = Array.from({ length: count }, (_, at) => bankCondition(at));
  const contenders: { name: string; matching: (fact: BenchFact) => readonly unknown[] }[] = [
    { name: 'ours, indexed', matching: (fact) => decide(ruleSet, fact, NOW, null).matched },
    { name: 'ours, linear', matching: (fact) => decideByLinearScan(ruleSet, fact, NOW, null).matched },
    ...LANGUAGES.map((language) => {
      const rules = texts.map((text, at) => ({
        key: `rule-${at}`,
        rule: language.create(language.spell({ text, filtrex: text })),
      }));
      return {
        name: `${language.name}, conditions only, linear`,
        matching: (fact: BenchFact) => rules.filter(({ rule }) => rule(fact) === true).map(({ key }) => key),
      };
    }),
  ];
  assertSameAnswers(
    `${count} rules`,
    contenders.map(({ name, matching }) => ({ name, answers: BANK_FACTS.map(matching) })),
  );
  const decision = nanosecondsInTurns(
    contenders.map(
      ({ matching }) =>
        (i) =>
          matching(BANK_FACTS[i & 7] as BenchFact),
    ),
  );
  console.log(`kill switch and peers: one fact, ${count} rules`);
  contenders.forEach(({ name }, at) => {
    console.log(`  ${name.padEnd(34)} ${ratio(decision, at)} (${ns(decision[at] as number)})`);
  });
}

interface Answers {
  readonly name: string;
  /** One per fact. */
  readonly answers: readonly unknown[];
}

/** @throws where the contenders don't agree: figures of different answers say nothing. */
function assertSameAnswers(what: string, contenders: readonly Answers[]): void {
  const [ours, ...peers] = contenders.map(({ name, answers }) => ({ name, texts: answers.map(asText) }));
  if (!ours) throw new Error(`${what}: nobody to compare`);
  if (new Set(ours.texts).size < 2)
    throw new Error(`${what}: every fact has one answer, so that equality shows nothing`);
  for (const { name, texts } of peers) {
    const at = texts.findIndex((text, index) => text !== ours.texts[index]);
    if (at !== -1) throw new Error(`${what}, fact ${at}: ${name} says ${texts[at]}, ${ours.name} ${ours.texts[at]}`);
  }
}

/** filtrex returns its errors. */
function asText(answer: unknown): string {
  return answer instanceof Error ? answer.message : JSON.stringify(answer);
}

function checked(text: string) {
  const check = checkCondition(text);
  if (!check.ok) throw new Error(`${check.error.message}\n${check.error.caret}`);
  return check.condition;
}

const ratio = (values: readonly number[], at: number): string =>
  `${((values[at] as number) / (values[0] as number)).toFixed(2).padStart(9)} ×`;
const ns = (value: number): string => (value < 10_000 ? `${value.toFixed(0)} ns` : µs(value));
const µs = (value: number): string => `${(value / 1_000).toFixed(1)} µs`;

if (import.meta.main) await run();
