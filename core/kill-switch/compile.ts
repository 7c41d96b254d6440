import { Duration } from './durations.ts';
import { Evaluation, EvaluationFailure, FAILURE } from './evaluation.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import { LIMITS } from './limits.ts';
import { compilePattern } from './patterns.ts';
import { isConstant, childrenOf } from './syntax-tree.ts';
import type {
  ArithmeticNode,
  CallNode,
  ComparisonNode,
  ConditionalNode,
  IndexNode,
  ListNode,
  LogicalNode,
  MemberNode,
  Node,
  QuantifierNode,
} from './syntax-tree.ts';
import { TYPE_BITS } from './static-types.ts';
import { Timestamp } from './timestamps.ts';
import { compareStrings, equals, isMap, ownValue, typeOf } from './values.ts';
import type { Equality, TypeName } from './values.ts';

/** One part of a condition, ready to run: its value, or `FAILURE` with the reason left in the evaluation. */
export type Part = (evaluation: Evaluation) => unknown;

/** A condition ready to be asked, as often as there are facts. */
export interface CompiledCondition {
  /**
   * @param fact a JSON value; own keys only are read, and anything but a map holds no names.
   * @param now epoch milliseconds, what `now` means.
   */
  evaluate(fact: unknown, now: number): boolean | EvaluationFailure;
}

/** Compiles a checked syntax tree to closures. Never throws for a tree that the checker accepted. */
export function compileTree(tree: Node): CompiledCondition {
  const run = compilePart(tree);
  return {
    evaluate: (fact, now) => {
      const evaluation = new Evaluation(fact, now);
      return outcome(run(evaluation), evaluation, tree);
    },
  };
}

function outcome(value: unknown, evaluation: Evaluation, tree: Node): boolean | EvaluationFailure {
  if (value === true) return true;
  if (value === false || value === null) return false;
  if (value === FAILURE) return new EvaluationFailure(evaluation.message, evaluation.position);
  return new EvaluationFailure(`The condition is ${typeOf(value)}, neither true nor false.`, tree.start);
}

export function compilePart(node: Node): Part {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'list':
      return compileList(node);
    case 'name': {
      const { name } = node;
      return ({ fact }) => {
        const value = fact[name];
        // Reading first and asking for ownership only of what is there keeps the common absent name fast.
        return value === undefined || !Object.hasOwn(fact, name) ? null : value;
      };
    }
    case 'variable': {
      const { slot } = node;
      return ({ slots }) => slots[slot];
    }
    case 'now':
      return ({ now }) => new Timestamp(now);
    case 'member':
      return compileMember(node);
    case 'index':
      return compileIndex(node);
    case 'not':
      return compileNot(compilePart(node.operand), node.start);
    case 'negate':
      return compileNegate(compilePart(node.operand), node.start);
    case 'logical':
      return compileLogical(node);
    case 'comparison':
      return compileComparison(node);
    case 'arithmetic':
      return compileArithmetic(node);
    case 'coalesce': {
      const [left, right] = [compilePart(node.left), compilePart(node.right)];
      return (evaluation) => left(evaluation) ?? right(evaluation);
    }
    case 'conditional':
      return compileConditional(node);
    case 'call':
      return compileCall(node);
    case 'quantifier':
      return compileQuantifier(node);
  }
}

function compileList(node: ListNode): Part {
  const items = node.items.map(compilePart);
  const run: Part = (evaluation) => {
    const values: unknown[] = [];
    for (const item of items) {
      const value = item(evaluation);
      if (value === FAILURE) return FAILURE;
      values.push(value);
    }
    return values;
  };
  if (!isConstant(node)) return run;
  const values = run(new Evaluation(null, 0));
  return () => values;
}

function compileMember(node: MemberNode): Part {
  const { name, start } = node;
  const object = compilePart(node.object);
  return (evaluation) => {
    const value = object(evaluation);
    if (value === null || value === FAILURE) return value;
    if (isMap(value)) return ownValue(value, name);
    return evaluation.fail(`"${name}" cannot be read of a ${typeOf(value)}.`, start);
  };
}

function compileIndex(node: IndexNode): Part {
  const { start } = node.index;
  const object = compilePart(node.object);
  const index = compilePart(node.index);
  return (evaluation) => {
    const value = object(evaluation);
    if (value === null || value === FAILURE) return value;
    const key = index(evaluation);
    if (key === FAILURE) return FAILURE;
    if (Array.isArray(value)) {
      if (Number.isInteger(key)) return (value[key as number] as unknown) ?? null;
      return evaluation.fail(`A list is indexed by an integer, not a ${typeOf(key)}.`, start);
    }
    if (!isMap(value)) return evaluation.fail(`An element cannot be read of a ${typeOf(value)}.`, node.start);
    if (typeof key === 'string') return ownValue(value, key);
    return evaluation.fail(`A map is indexed by a string, not a ${typeOf(key)}.`, start);
  };
}

function compileNot(operand: Part, position: number): Part {
  return (evaluation) => {
    const value = operand(evaluation);
    if (value === true) return false;
    if (value === false || value === null) return true;
    return notBoolean(evaluation, value, 'not', position);
  };
}

function notBoolean(evaluation: Evaluation, value: unknown, operator: string, position: number): typeof FAILURE {
  if (value === FAILURE) return FAILURE;
  return evaluation.fail(`"${operator}" needs true or false, not a ${typeOf(value)}.`, position);
}

function compileNegate(operand: Part, position: number): Part {
  return (evaluation) => {
    const value = operand(evaluation);
    if (typeof value === 'number') return -value;
    return value === FAILURE ? FAILURE : evaluation.fail(`"-" needs a number, not a ${typeOf(value)}.`, position);
  };
}

/**
 * `and`/`or` with errors absorbed whatever the order, as in CEL: one operand that decides is enough. The first
 * failure stands if none does.
 */
function compileLogical(node: LogicalNode): Part {
  const operands = node.operands.map(compilePart);
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

function compileConditional(node: ConditionalNode): Part {
  const test = compilePart(node.test);
  const consequent = compilePart(node.consequent);
  const alternate = compilePart(node.alternate);
  return (evaluation) => {
    const value = test(evaluation);
    if (value === true) return consequent(evaluation);
    if (value === false || value === null) return alternate(evaluation);
    return notBoolean(evaluation, value, '? :', node.test.start);
  };
}

function compileComparison(node: ComparisonNode): Part {
  switch (node.operator) {
    case '==':
      return compileEquality(node, true);
    case '!=':
      return compileEquality(node, false);
    case 'in':
      return compileMembership(node);
    case 'not in':
      return negated(compileMembership(node));
    case '=~':
      return compilePatternMatch(node);
    case '!~':
      return negated(compilePatternMatch(node));
    default:
      return compileOrdering(node, ORDERINGS[node.operator]);
  }
}

function negated(part: Part): Part {
  return (evaluation) => {
    const value = part(evaluation);
    return value === FAILURE ? FAILURE : value !== true;
  };
}

function compileEquality(node: ComparisonNode, whenEqual: boolean): Part {
  const [left, right] = [compilePart(node.left), compilePart(node.right)];
  const literal = primitiveLiteral(node.right) ?? primitiveLiteral(node.left);
  if (literal !== null) {
    const operand = primitiveLiteral(node.right) === null ? right : left;
    const { value: wanted } = literal;
    return (evaluation) => {
      const value = operand(evaluation);
      return value === FAILURE ? FAILURE : (value === wanted) === whenEqual;
    };
  }
  return (evaluation) => {
    const a = left(evaluation);
    if (a === FAILURE) return FAILURE;
    const b = right(evaluation);
    if (b === FAILURE) return FAILURE;
    const same = equals(a, b, evaluation);
    return typeof same === 'boolean' ? same === whenEqual : tooLarge(evaluation, same, node.start);
  };
}

function primitiveLiteral(node: Node): { readonly value: unknown } | null {
  return node.kind === 'literal' && !(node.value instanceof Timestamp) ? node : null;
}

function tooLarge(evaluation: Evaluation, why: Exclude<Equality, boolean>, position: number): typeof FAILURE {
  const message =
    why === 'too-deep'
      ? `The values compared nest deeper than ${LIMITS.equalityDepth} levels.`
      : `The evaluation compares and searches more than ${LIMITS.work} elements and characters.`;
  return evaluation.fail(message, position);
}

type Ordering = (left: number, right: number) => boolean;

const ORDERINGS: Readonly<Record<'<' | '<=' | '>' | '>=', Ordering>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function compileOrdering(node: ComparisonNode, holds: Ordering): Part {
  const [left, right] = [compilePart(node.left), compilePart(node.right)];
  const { operator, start } = node;
  return (evaluation) => {
    const a = left(evaluation);
    if (a === FAILURE) return FAILURE;
    const b = right(evaluation);
    if (b === FAILURE) return FAILURE;
    if (typeof a === 'number' && typeof b === 'number') return holds(a, b);
    if (typeof a === 'string' && typeof b === 'string') return holds(compareStrings(a, b), 0);
    if (a instanceof Timestamp && b instanceof Timestamp) return holds(a.ms, b.ms);
    if (a instanceof Duration && b instanceof Duration) return holds(a.ms, b.ms);
    return evaluation.fail(`"${operator}" cannot order ${typeOf(a)} and ${typeOf(b)}.`, start);
  };
}

function compileMembership(node: ComparisonNode): Part {
  const left = compilePart(node.left);
  const table = literalTable(node.right);
  if (table !== null) {
    return (evaluation) => {
      const value = left(evaluation);
      return value === FAILURE ? FAILURE : table.has(value);
    };
  }
  const right = compilePart(node.right);
  return (evaluation) => {
    const element = left(evaluation);
    if (element === FAILURE) return FAILURE;
    const container = right(evaluation);
    if (container === FAILURE) return FAILURE;
    if (container === null) return false;
    if (Array.isArray(container)) return isElement(evaluation, element, container, node.start);
    const type = typeOf(container);
    if (type !== 'string' && type !== 'map') {
      return evaluation.fail(`"${node.operator}" cannot look into a ${type}.`, node.start);
    }
    if (element === null) return false;
    if (typeof element !== 'string') {
      return evaluation.fail(
        `"${node.operator}" looks for a string in a ${type}, not for a ${typeOf(element)}.`,
        node.start,
      );
    }
    if (type === 'map') return Object.hasOwn(container as object, element);
    return charge(evaluation, (container as string).length >> 6)
      ? (container as string).includes(element)
      : tooMuch(evaluation, node);
  };
}

/** A list of primitive literals is a set: membership then costs the same for 1,000 elements as for one. */
function literalTable(node: Node): ReadonlySet<unknown> | null {
  if (node.kind !== 'list' || !node.items.every((item) => primitiveLiteral(item) !== null)) return null;
  return new Set(node.items.map((item) => primitiveLiteral(item)?.value));
}

function isElement(evaluation: Evaluation, element: unknown, list: readonly unknown[], position: number): unknown {
  const isPrimitive = typeof element !== 'object' || element === null;
  if (!charge(evaluation, list.length)) return tooLarge(evaluation, 'too-much', position);
  for (const item of list) {
    if ((item ?? null) === element) return true;
    if (isPrimitive) continue;
    const same = equals(item ?? null, element, evaluation);
    if (same === true) return true;
    if (same !== false) return tooLarge(evaluation, same, position);
  }
  return false;
}

function charge(evaluation: Evaluation, work: number): boolean {
  evaluation.work += work;
  return evaluation.work <= LIMITS.work;
}

function tooMuch(evaluation: Evaluation, node: Node): typeof FAILURE {
  return tooLarge(evaluation, 'too-much', node.start);
}

function compilePatternMatch(node: ComparisonNode): Part {
  const left = compilePart(node.left);
  const search = compileSearch(node.right, node);
  return (evaluation) => {
    const value = left(evaluation);
    if (value === FAILURE) return FAILURE;
    if (value === null) return false;
    if (typeof value === 'string') return search(evaluation, value);
    return evaluation.fail(`"${node.operator}" searches a string, not a ${typeOf(value)}.`, node.start);
  };
}

function compileSearch(pattern: Node, site: Node): (evaluation: Evaluation, text: string) => unknown {
  const search = compilePattern((pattern as { readonly value: unknown }).value as string, pattern.start);
  return (evaluation, text) => {
    if (text.length > LIMITS.searchedLength) {
      const message = `The string searched has ${text.length} characters; at most ${LIMITS.searchedLength} are allowed.`;
      return evaluation.fail(message, site.start);
    }
    return charge(evaluation, text.length) ? search(text) : tooMuch(evaluation, site);
  };
}

function compileArithmetic(node: ArithmeticNode): Part {
  const [left, right] = [compilePart(node.left), compilePart(node.right)];
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
      if (a.length + b.length <= LIMITS.joinedLength) return a + b;
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

function compileCall(node: CallNode): Part {
  if (node.name === 'has' && node.receiver === null) return compileHas(node);
  const called = (node.receiver === null ? FUNCTIONS : METHODS).get(node.name);
  if (called === undefined) throw new Error(`the checker accepted the unknown function "${node.name}"`);
  const args = childrenOf(node).map(compilePart);
  const [first, second] = args as [Part, Part | undefined];
  const search = node.name === 'matches' ? compileSearch(childrenOf(node)[1] as Node, node) : null;
  const apply = called.apply as (first: unknown, second: unknown) => unknown;
  const accepts = called.parameters.map((parameter) => parameter.type);
  const run: Part = (evaluation) => {
    const a = first(evaluation);
    if (a === FAILURE) return FAILURE;
    const b = second?.(evaluation);
    if (b === FAILURE) return FAILURE;
    if (!isAccepted(a, accepts[0] as number)) return wrongArgument(evaluation, node, a);
    if (second !== undefined && !isAccepted(b, accepts[1] as number)) return wrongArgument(evaluation, node, b);
    if (typeof a === 'string' && !charge(evaluation, a.length >> 6)) return tooMuch(evaluation, node);
    if (search !== null) return search(evaluation, a as string);
    const value = apply(a, b);
    return value === FAILURE
      ? evaluation.fail(`"${node.name}" needs ${called.wants ?? 'another value'}.`, node.start)
      : value;
  };
  return run;
}

function isAccepted(value: unknown, types: number): boolean {
  const type = typeOf(value);
  return type !== 'unsupported' && (TYPE_BITS[type satisfies TypeName] & types) !== 0;
}

function wrongArgument(evaluation: Evaluation, node: CallNode, value: unknown): typeof FAILURE {
  return evaluation.fail(`"${node.name}" does not take a ${typeOf(value)}.`, node.start);
}

/** Present and not null; whatever stands in the way of the path, it is then not there. */
function compileHas(node: CallNode): Part {
  const path = compilePart(node.args[0] as Node);
  return (evaluation) => {
    const value = path(evaluation);
    return value !== null && value !== FAILURE;
  };
}

function compileQuantifier(node: QuantifierNode): Part {
  const list = compilePart(node.list);
  const body = compilePart(node.body);
  const { quantifier, slot, start } = node;
  const decisive = quantifier === 'exists';
  return (evaluation) => {
    const value = list(evaluation);
    if (value === FAILURE) return FAILURE;
    if (value === null) return !decisive;
    if (!Array.isArray(value) && !isMap(value)) {
      return evaluation.fail(`"${quantifier}" cannot go through a ${typeOf(value)}.`, start);
    }
    const elements: readonly unknown[] = Array.isArray(value) ? value : Object.keys(value);
    let failure: { message: string; position: number } | null = null;
    for (const element of elements) {
      if (++evaluation.steps > LIMITS.steps) {
        return evaluation.fail(`"exists" and "all" take more than ${LIMITS.steps} steps.`, start);
      }
      evaluation.slots[slot] = element ?? null;
      const holds = body(evaluation);
      if (holds === decisive || (holds === null && !decisive)) return decisive;
      if (typeof holds === 'boolean' || holds === null || failure !== null) continue;
      notBoolean(evaluation, holds, quantifier, node.body.start);
      failure = { message: evaluation.message, position: evaluation.position };
    }
    return failure === null ? !decisive : evaluation.fail(failure.message, failure.position);
  };
}
