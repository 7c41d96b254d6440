import { DomainError } from '../domain/errors.ts';
import { checkCondition, compileCondition } from './condition.ts';
import { FACT_SCHEMAS } from './ddn-facts.ts';
import { EvaluationFailure } from './evaluation.ts';
import { parseFactSchema } from './fact-schema.ts';
import type { FactSchema } from './fact-schema.ts';
import { nearestName, suggestion } from './nearest-name.ts';
import { parseTimestamp } from './timestamps.ts';
import { isMap, withArticle } from './values.ts';
import type { FactMap } from './values.ts';

/** A condition with a fact, and what is expected of them: one line of a case file. */
export interface ConditionCase {
  readonly id: string | number;
  readonly condition: string;
  readonly fact: unknown;
  readonly now: number;
  readonly schema: FactSchema | null;
  readonly expected: boolean | 'error' | null;
  readonly errorAt: ErrorStage | null;
}

/** A condition fails when it is created, or when it is evaluated. */
export type ErrorStage = 'create' | 'evaluate';

/** What came out, as it is printed. `position`: 0-based UTF-16 offset in the condition. */
export type ConditionCaseResult =
  | { readonly id: string | number; readonly value: boolean }
  | {
      readonly id: string | number;
      readonly error: { readonly stage: ErrorStage; readonly message: string; readonly position?: number };
    };

export type ConditionCaseOutcome =
  | {
      readonly kind: 'result';
      readonly result: ConditionCaseResult;
      /** What differs from the expectation; null when nothing does, or nothing was expected. */
      readonly difference: string | null;
    }
  | { readonly kind: 'malformed'; readonly message: string };

/**
 * Runs one line of a case file: `{id?, condition, fact?, now?, schema?, expected?, errorAt?}`.
 *
 * `id` is the line number by default, `fact` an empty one; `now` is RFC 3339 or epoch milliseconds; `schema` is the name of a
 * fact schema (`ddn`) or one as `parseFactSchema` reads it; `expected` is true, false or `"error"`, with `errorAt`
 * `create` or `evaluate`.
 *
 * @param lineNumber 1-based, named in the message of a line that is no case.
 * @param defaultNow epoch milliseconds for lines without `now`.
 */
export function runConditionCaseLine(line: string, lineNumber: number, defaultNow: number): ConditionCaseOutcome {
  try {
    const conditionCase = readCase(line, lineNumber, defaultNow);
    const result = runCase(conditionCase);
    return {
      kind: 'result',
      result,
      difference: withPlace(differenceOf(conditionCase, result), conditionCase, lineNumber),
    };
  } catch (error) {
    if (error instanceof MalformedCase || error instanceof DomainError) {
      return { kind: 'malformed', message: `line ${lineNumber}: ${error.message}` };
    }
    throw error;
  }
}

class MalformedCase extends Error {
  override readonly name = 'MalformedCase';
}

const FIELDS = ['id', 'condition', 'fact', 'now', 'schema', 'expected', 'errorAt'] as const;

function readCase(line: string, lineNumber: number, defaultNow: number): ConditionCase {
  const json = parseJson(line);
  if (!isMap(json)) throw new MalformedCase(`a case is a JSON object, not ${withArticle(json)}.`);
  for (const field of Object.keys(json)) {
    // A team's own fields (a group, a note) pass; a misspelt one would silently expect nothing.
    if ((FIELDS as readonly string[]).includes(field) || nearestName(field, FIELDS) === null) continue;
    throw new MalformedCase(`unknown field "${field}".${suggestion(field, FIELDS)}`);
  }
  const { condition, fact } = json;
  if (typeof condition !== 'string')
    throw new MalformedCase(`"condition" must be a string, not ${withArticle(condition)}.`);
  return {
    id: readId(json, lineNumber),
    condition,
    fact: fact ?? {},
    now: readNow(json, defaultNow),
    schema: readSchema(json),
    ...readExpectation(json),
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    throw new MalformedCase(`not JSON: ${(error as SyntaxError).message}.`);
  }
}

function readId({ id }: FactMap, lineNumber: number): string | number {
  if (id === undefined || id === null) return lineNumber;
  if (typeof id === 'string' || typeof id === 'number') return id;
  throw new MalformedCase(`"id" must be a string or a number, not ${withArticle(id)}.`);
}

function readNow({ now }: FactMap, defaultNow: number): number {
  if (now === undefined || now === null) return defaultNow;
  if (typeof now === 'number' && Number.isFinite(now)) return now;
  const timestamp = typeof now === 'string' ? parseTimestamp(now) : null;
  if (timestamp === null) throw new MalformedCase('"now" must be RFC 3339 with a zone, a date, or epoch milliseconds.');
  return timestamp.ms;
}

function readSchema({ schema }: FactMap): FactSchema | null {
  if (schema === undefined || schema === null) return null;
  if (typeof schema !== 'string') return parseFactSchema('schema', schema);
  const known = FACT_SCHEMAS.get(schema);
  if (known !== undefined) return known;
  throw new MalformedCase(`unknown schema "${schema}"; there is ${[...FACT_SCHEMAS.keys()].join(', ')}.`);
}

function readExpectation({ expected, errorAt }: FactMap): Pick<ConditionCase, 'expected' | 'errorAt'> {
  const isKnown = expected === undefined || expected === null || typeof expected === 'boolean' || expected === 'error';
  if (!isKnown) throw new MalformedCase('"expected" must be true, false or "error".');
  if (errorAt === undefined || errorAt === null) return { expected: expected ?? null, errorAt: null };
  if (errorAt !== 'create' && errorAt !== 'evaluate') {
    throw new MalformedCase('"errorAt" must be "create" or "evaluate".');
  }
  if (expected !== 'error') throw new MalformedCase('"errorAt" needs "expected": "error".');
  return { expected, errorAt };
}

function runCase({ id, condition, fact, now, schema }: ConditionCase): ConditionCaseResult {
  const check = checkCondition(condition, { schema });
  if (!check.ok)
    return { id, error: { stage: 'create', message: check.error.message, position: check.error.position } };
  const value = compileCondition(check.condition).evaluate(fact, now);
  if (!(value instanceof EvaluationFailure)) return { id, value };
  return { id, error: { stage: 'evaluate', message: value.message, position: value.position } };
}

function withPlace(difference: string | null, { id }: ConditionCase, lineNumber: number): string | null {
  if (difference === null) return null;
  return `line ${lineNumber}${id === lineNumber ? '' : ` (${id})`}: ${difference}`;
}

function differenceOf({ expected, errorAt }: ConditionCase, result: ConditionCaseResult): string | null {
  if (expected === null) return null;
  if ('value' in result) return result.value === expected ? null : `expected ${expected}, got ${result.value}`;
  const { stage, message } = result.error;
  if (expected === 'error' && (errorAt === null || errorAt === stage)) return null;
  const wanted = errorAt === null ? String(expected) : `an error at ${errorAt}`;
  return `expected ${wanted}, got an error at ${stage}: ${message}`;
}
