import { Duration } from './durations.ts';
import { FAILURE } from './evaluation.ts';
import { LIMITS } from './limits.ts';
import { charge, CHARACTERS_PER_WORK, tooLarge } from './part.ts';
import type { Part } from './part.ts';
import type { ArithmeticNode } from './syntax-tree.ts';
import { Timestamp } from './timestamps.ts';
import { typeOf, withArticle } from './values.ts';

export function compileArithmetic(node: ArithmeticNode, left: Part, right: Part): Part {
  const { operator, start } = node;
  return (evaluation) => {
    const a = left(evaluation);
    if (a === FAILURE) return FAILURE;
    const b = right(evaluation);
    if (b === FAILURE) return FAILURE;
    if (typeof a === 'number' && typeof b === 'number') {
      const result = NUMBERS[operator](a, b);
      return Number.isFinite(result) ? result : evaluation.fail(`"${operator}" has no finite result.`, start);
    }
    if (operator === '+' && typeof a === 'string' && typeof b === 'string') {
      const length = a.length + b.length;
      if (!charge(evaluation, length / CHARACTERS_PER_WORK)) return tooLarge(evaluation, 'too-much', start);
      if (length <= LIMITS.joinedLength) return a + b;
      return evaluation.fail(`"+" makes a string of more than ${LIMITS.joinedLength} characters.`, start);
    }
    const time = operator === '+' || operator === '-' ? timeArithmetic(operator, a, b) : null;
    return time ?? evaluation.fail(`"${operator}" has no meaning for ${typeOf(a)} and ${typeOf(b)}.`, start);
  };
}

const NUMBERS: Readonly<Record<ArithmeticNode['operator'], (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

function timeArithmetic(operator: '+' | '-', a: unknown, b: unknown): Timestamp | Duration | null {
  const sign = operator === '+' ? 1 : -1;
  if (b instanceof Duration) {
    if (a instanceof Timestamp) return new Timestamp(a.ms + sign * b.ms);
    if (a instanceof Duration) return new Duration(a.ms + sign * b.ms);
  }
  if (b instanceof Timestamp) {
    if (a instanceof Timestamp && operator === '-') return new Duration(a.ms - b.ms);
    if (a instanceof Duration && operator === '+') return new Timestamp(a.ms + b.ms);
  }
  return null;
}

export function compileNegate(operand: Part, position: number): Part {
  return (evaluation) => {
    const value = operand(evaluation);
    if (typeof value === 'number') return -value;
    return value === FAILURE ? FAILURE : evaluation.fail(`"-" needs a number, not ${withArticle(value)}.`, position);
  };
}
