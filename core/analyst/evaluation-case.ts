import { z } from 'zod';
import { CATEGORIES, type Category } from '../domain/finding.ts';
import { type Answer, readAnswer } from './answer.ts';

/**
 * A case of `analyst-eval`, one per line of a JSONL file. `prompt` is the user part as stored in
 * `analyst_opinions.prompt`: redacted already. `expected` are the categories a person would report; an empty list is a
 * case in which there is nothing to report.
 */
const CASE_SCHEMA = z.object({
  name: z.string().min(1).max(200),
  prompt: z.string().min(1).max(1_000_000),
  expected: z.array(z.enum(CATEGORIES)),
});

export type EvaluationCase = z.infer<typeof CASE_SCHEMA>;

/** A recorded answer: the model's text for a case, with what it cost, where known. */
const RECORDED_SCHEMA = z.object({
  name: z.string(),
  answer: z.union([z.string(), z.looseObject({})]),
  usage: z.object({ input: z.number(), output: z.number(), cacheWrite: z.number(), cacheRead: z.number() }).optional(),
});

export type RecordedAnswer = z.infer<typeof RECORDED_SCHEMA>;

export type LineReading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

export const readCaseLine = (line: string, number: number): LineReading<EvaluationCase> =>
  readLine(CASE_SCHEMA, line, number);

export const readRecordedLine = (line: string, number: number): LineReading<RecordedAnswer> =>
  readLine(RECORDED_SCHEMA, line, number);

function readLine<T>(schema: z.ZodType<T>, line: string, number: number): LineReading<T> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return { ok: false, message: `line ${number} is not JSON: ${(error as Error).message}` };
  }
  const read = schema.safeParse(json);
  if (read.success) return { ok: true, value: read.data };
  const [issue] = read.error.issues;
  return {
    ok: false,
    message: `line ${number}: ${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'is wrong'}`,
  };
}

/** The recorded text through the same reader as a live answer. */
export function answerOfRecorded({ answer }: RecordedAnswer): Answer | null {
  const read = readAnswer(typeof answer === 'string' ? answer : JSON.stringify(answer));
  return read.ok ? read.answer : null;
}

/** The categories an answer reports: of records, and of concerns and business rules as they are published. */
export function categoriesOf(answer: Answer): ReadonlySet<Category> {
  const found = new Set<Category>(answer.records.map(({ category }) => category));
  if (answer.query_pattern_analysis.concerns.length > 0) found.add('security_concern');
  if (answer.business_rules.length > 0) found.add('business_logic');
  return found;
}
