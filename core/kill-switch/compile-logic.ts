import type { Evaluation } from './evaluation.ts';
import { FAILURE } from './evaluation.ts';
import { LIMITS } from './limits.ts';
import { charge, notBoolean, tooLarge, WORK_PER_KEY } from './part.ts';
import type { Part } from './part.ts';
import type { LogicalNode, QuantifierNode } from './syntax-tree.ts';
import { isMap } from './values.ts';

export function compileNot(operand: Part, position: number): Part {
  return (evaluation) => {
    const value = operand(evaluation);
    if (value === true) return false;
    if (value === false || value === null) return true;
    return notBoolean(evaluation, value, 'not', position);
  };
}

/**
 * `and`/`or` with errors absorbed whatever the order, as in CEL: one operand that decides is enough. The first
 * failure stands if none does.
 */
export function compileLogical(node: LogicalNode, operands: readonly Part[]): Part {
  const { operator, start } = node;
  const decisive = operator === 'or';
  const [first, second] = operands as [Part, Part];
  if (operands.length === 2) {
    return (evaluation) => {
      const left = first(evaluation);
      if (left === decisive || (left === null && !decisive)) return decisive;
      if (left === !decisive || left === null) return asLogical(evaluation, second(evaluation), operator, start);
      notBoolean(evaluation, left, operator, start);
      return absorb(evaluation, second, decisive);
    };
  }
  return (evaluation) => {
    for (let at = 0; at < operands.length; at++) {
      const value = (operands[at] as Part)(evaluation);
      if (value === decisive || (value === null && !decisive)) return decisive;
      if (value === !decisive || value === null) continue;
      notBoolean(evaluation, value, operator, start);
      for (let later = at + 1; later < operands.length; later++) {
        if (absorb(evaluation, operands[later] as Part, decisive) === decisive) return decisive;
      }
      return FAILURE;
    }
    return !decisive;
  };
}

function asLogical(evaluation: Evaluation, value: unknown, operator: string, position: number): unknown {
  if (value === true) return true;
  if (value === false || value === null) return false;
  return notBoolean(evaluation, value, operator, position);
}

/** After a failure: the deciding value if the next operand has it, else that first failure again. */
function absorb(evaluation: Evaluation, operand: Part, decisive: boolean): unknown {
  const { message, position } = evaluation;
  const value = operand(evaluation);
  if (value === decisive || (value === null && !decisive)) return decisive;
  return evaluation.fail(message, position);
}

export function compileConditional(test: Part, consequent: Part, alternate: Part, position: number): Part {
  return (evaluation) => {
    const value = test(evaluation);
    if (value === true) return consequent(evaluation);
    if (value === false || value === null) return alternate(evaluation);
    return notBoolean(evaluation, value, '? :', position);
  };
}

/** After so many runs of the body of `exists` and `all` it is asked whether the time is up. */
const STEPS_AT_ONCE = 64;

/** `exists` and `all` absorb errors as `or` and `and` do; over a map they go through its keys. */
export function compileQuantifier(node: QuantifierNode, list: Part, body: Part): Part {
  const { quantifier, slot, start } = node;
  const decisive = quantifier === 'exists';
  return (evaluation) => {
    const value = list(evaluation);
    if (value === FAILURE) return FAILURE;
    // What has no elements, null above all, is gone through like an empty list.
    if (!Array.isArray(value) && !isMap(value)) return !decisive;
    const elements: readonly unknown[] = Array.isArray(value) ? value : Object.keys(value);
    if (elements !== value && !charge(evaluation, elements.length * WORK_PER_KEY))
      return tooLarge(evaluation, 'too-much', start);
    let failure: { message: string; position: number } | null = null;
    for (const element of elements) {
      if (++evaluation.steps > LIMITS.steps) {
        return evaluation.fail(`"exists" and "all" take more than ${LIMITS.steps} steps.`, start);
      }
      if (evaluation.steps % STEPS_AT_ONCE === 0 && evaluation.isOverdue(STEPS_AT_ONCE)) {
        return evaluation.failOverdue(start);
      }
      evaluation.slots[slot] = element ?? null;
      const holds = body(evaluation);
      if (holds === decisive || (holds === null && !decisive)) return decisive;
      if (typeof holds === 'boolean' || holds === null || failure !== null) continue;
      notBoolean(evaluation, holds, quantifier, node.body.start);
      // What is over the budget stays so: going on would only cost more.
      if (evaluation.work > LIMITS.work) return FAILURE;
      failure = { message: evaluation.message, position: evaluation.position };
    }
    return failure === null ? !decisive : evaluation.fail(failure.message, failure.position);
  };
}
