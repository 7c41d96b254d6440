import { createReadStream } from 'node:fs';
import type { Answer } from '../../core/analyst/answer.ts';
import { costOf, type Prices } from '../../core/analyst/budget.ts';
import {
  answerOfRecorded,
  categoriesOf,
  type EvaluationCase,
  type LineReading,
  readCaseLine,
  readRecordedLine,
  type RecordedAnswer,
} from '../../core/analyst/evaluation-case.ts';
import { type CaseOutcome, type CategoryScore, scoreByCategory } from '../../core/analyst/evaluation.ts';
import { instructionsFor } from '../../core/analyst/instructions.ts';
import type { TokenUsage } from '../../core/domain/analyst-opinion.ts';
import { unprocessable } from '../../core/domain/errors.ts';
import { conditionFacts } from '../../core/services/analyst-drafts.ts';
import type { Analyst } from '../../core/services/analyst-ports.ts';
import { configuredModel } from '../analyst.ts';
import { type Environment, readConfiguration } from '../configuration.ts';
import { textLines } from './text-lines.ts';

export interface AnalystEvalFlags {
  readonly answers?: string;
  readonly json?: boolean;
}

/** The command: the model, its language and its prices as configured. */
export async function runAnalystEvalCommand(
  environment: Environment,
  casesFile: string,
  { answers, json = false }: AnalystEvalFlags,
): Promise<void> {
  const { values } = readConfiguration(environment);
  process.exitCode = await runAnalystEval({
    casesFile,
    ...(answers !== undefined && { answersFile: answers }),
    analyst: await configuredModel(values),
    language: values.SENTINEL_ANALYST_LANGUAGE,
    prices: values.SENTINEL_ANALYST_PRICES ?? null,
    json,
    write: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
  });
}

export interface AnalystEvalOptions {
  /** JSONL of cases: {name, prompt, expected}. */
  readonly casesFile: string;
  /** JSONL of recorded answers, {name, answer, usage?}: then no model is asked. */
  readonly answersFile?: string;
  /** The configured model; not needed with recorded answers. */
  readonly analyst: Analyst | null;
  readonly language: string;
  readonly prices: Prices | null;
  /** Further lines as JSON, one per case. */
  readonly json: boolean;
  write(text: string): void;
  warn(text: string): void;
}

const NO_USAGE: TokenUsage = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 };

interface Answered {
  readonly answer: Answer | null;
  readonly usage: TokenUsage;
  readonly fault: string | null;
}

/**
 * Runs the cases and prints precision and recall per category, tokens and cost; answers 0, or 1 when a case could not be
 * read or answered. An answer that could not be read reports nothing: it counts as a miss of all that was expected.
 *
 * @throws DomainError when there is neither a model nor a file of recorded answers.
 */
export async function runAnalystEval(options: AnalystEvalOptions): Promise<0 | 1> {
  const { write, warn } = options;
  const answer = await answererOf(options);
  const outcomes: CaseOutcome[] = [];
  let usage = NO_USAGE;
  let faults = 0;
  for await (const read of linesOf(options.casesFile, readCaseLine)) {
    if (!read.ok) {
      faults++;
      warn(`${options.casesFile}: ${read.message}\n`);
      continue;
    }
    const given = await answer(read.value);
    if (given.fault !== null) {
      faults++;
      warn(`${read.value.name}: ${given.fault}\n`);
    }
    const outcome = {
      expected: new Set(read.value.expected),
      found: given.answer ? categoriesOf(given.answer) : new Set<never>(),
    };
    outcomes.push(outcome);
    usage = sumOf(usage, given.usage);
    if (options.json) write(`${caseLine(read.value, outcome, given)}\n`);
  }
  write(report(outcomes, usage, costOf(usage, options.prices)));
  return faults === 0 ? 0 : 1;
}

async function answererOf(options: AnalystEvalOptions): Promise<(item: EvaluationCase) => Promise<Answered>> {
  if (options.answersFile !== undefined) return recordedAnswers(options.answersFile, options.warn);
  const { analyst } = options;
  if (analyst === null) {
    throw unprocessable(
      'ANALYST_OFF',
      'There is no model to ask: set ANTHROPIC_API_KEY and SENTINEL_ANALYST=1, or give a file of recorded answers with --answers.',
    );
  }
  const system = instructionsFor({ language: options.language, conditionFacts: conditionFacts() });
  const { signal } = new AbortController();
  return async ({ prompt }) => {
    const reply = await analyst.ask({ system, user: prompt, signal });
    return reply.ok
      ? { answer: reply.answer, usage: reply.usage, fault: null }
      : { answer: null, usage: reply.usage ?? NO_USAGE, fault: reply.message };
  };
}

async function recordedAnswers(file: string, warn: (text: string) => void) {
  const recorded = new Map<string, RecordedAnswer>();
  for await (const read of linesOf(file, readRecordedLine)) {
    if (read.ok) recorded.set(read.value.name, read.value);
    else warn(`${file}: ${read.message}\n`);
  }
  return async ({ name }: EvaluationCase): Promise<Answered> => {
    const found = recorded.get(name);
    if (!found) return { answer: null, usage: NO_USAGE, fault: `${file} holds no answer to this case` };
    const answer = answerOfRecorded(found);
    const fault = answer === null ? 'the recorded answer could not be read' : null;
    return { answer, usage: found.usage ?? NO_USAGE, fault };
  };
}

async function* linesOf<T>(
  file: string,
  read: (line: string, number: number) => LineReading<T>,
): AsyncGenerator<LineReading<T>> {
  let number = 0;
  for await (const line of textLines(createReadStream(file))) {
    number++;
    if (line.trim() !== '') yield read(line, number);
  }
}

function sumOf(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    cacheRead: a.cacheRead + b.cacheRead,
  };
}

function caseLine({ name }: EvaluationCase, { expected, found }: CaseOutcome, { usage, fault }: Answered): string {
  return JSON.stringify({ name, expected: [...expected].sort(), found: [...found].sort(), usage, fault });
}

function report(outcomes: readonly CaseOutcome[], usage: TokenUsage, cost: number | null): string {
  const clear = outcomes.filter(({ expected }) => expected.size === 0);
  const quiet = clear.filter(({ found }) => found.size === 0).length;
  const { input, output, cacheWrite, cacheRead } = usage;
  return [
    `${'category'.padEnd(22)}${'precision'.padStart(10)}${'recall'.padStart(8)}${'tp'.padStart(6)}${'fp'.padStart(6)}${'fn'.padStart(6)}`,
    ...scoreByCategory(outcomes).map(scoreLine),
    '',
    `${outcomes.length} cases; quiet on ${quiet} of ${clear.length} with nothing to report`,
    `tokens: ${input} input, ${cacheWrite} cache write, ${cacheRead} cache read, ${output} output`,
    cost === null ? 'cost: unknown (set SENTINEL_ANALYST_PRICES)' : `cost: ${cost.toFixed(5)}`,
    '',
  ].join('\n');
}

function scoreLine({
  category,
  precision,
  recall,
  truePositives,
  falsePositives,
  falseNegatives,
}: CategoryScore): string {
  const share = (value: number | null): string => (value === null ? '–' : value.toFixed(2));
  const counts = [truePositives, falsePositives, falseNegatives].map((count) => String(count).padStart(6)).join('');
  return `${category.padEnd(22)}${share(precision).padStart(10)}${share(recall).padStart(8)}${counts}`;
}
