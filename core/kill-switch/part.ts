import type { Evaluation } from './evaluation.ts';
import { FAILURE } from './evaluation.ts';
import { LIMITS } from './limits.ts';
import { withArticle } from './values.ts';
import type { Equality } from './values.ts';

/** One part of a condition, ready to run: its value, or `FAILURE` with the reason left in the evaluation. */
export type Part = (evaluation: Evaluation) => unknown;

/** For a logical position that holds neither true, false nor null. */
export function notBoolean(evaluation: Evaluation, value: unknown, operator: string, position: number): typeof FAILURE {
  if (value === FAILURE) return FAILURE;
  return evaluation.fail(`"${operator}" needs true or false, not ${withArticle(value)}.`, position);
}

/** Characters that a native string function handles in the time of one compared element. */
export const CHARACTERS_PER_WORK = 16;

/** Listing the keys of a large map costs several times what comparing its values does. */
export const WORK_PER_KEY = 8;

/** Counts work that grows with the fact; false when it goes over the limit. */
export function charge(evaluation: Evaluation, work: number): boolean {
  evaluation.work += work;
  return evaluation.work <= LIMITS.work;
}

export function tooLarge(evaluation: Evaluation, why: Exclude<Equality, boolean>, position: number): typeof FAILURE {
  const message =
    why === 'too-deep'
      ? `The values compared nest deeper than ${LIMITS.equalityDepth} levels.`
      : `The evaluation compares and searches more than ${LIMITS.work} elements and characters.`;
  return evaluation.fail(message, position);
}
