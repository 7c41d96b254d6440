import { ConditionFault } from './fault.ts';
import { factType } from './fact-schema.ts';
import type { FactSchema } from './fact-schema.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import type { LanguageFunction, Parameter } from './functions.ts';
import { suggestion } from './nearest-name.ts';
import { compilePattern } from './patterns.ts';
import { ANY, arithmeticType, canEqual, canOrder, describeType, TYPE_BITS } from './static-types.ts';
import type { StaticType } from './static-types.ts';
import { isConstant } from './syntax-tree.ts';
import type {
  ArithmeticNode,
  CallNode,
  ComparisonNode,
  IndexNode,
  LiteralNode,
  NameNode,
  Node,
  QuantifierNode,
} from './syntax-tree.ts';
import { calendarReader, Timestamp } from './timestamps.ts';
import { typeOf } from './values.ts';
import type { TypeName } from './values.ts';

const { null: NULL, boolean: BOOLEAN, number: NUMBER, string: STRING } = TYPE_BITS;
const { list: LIST, map: MAP, timestamp: TIMESTAMP } = TYPE_BITS;

/** What the checker found out about a condition that it accepts. */
export interface CheckResult {
  /** Every place where the condition reads a top-level name of the fact, in the order of the text. */
  readonly names: readonly NameNode[];
  /** Calls on nothing but literals: to be run once, at creation. */
  readonly constantCalls: ReadonlySet<CallNode>;
}

/**
 * Refuses what can be known to be wrong without a fact: with a schema by its types, without one by the literals alone.
 *
 * @throws ConditionFault
 */
export function checkTypes(tree: Node, schema: FactSchema | null): CheckResult {
  const checker = new Checker(schema);
  const type = checker.typeOf(tree);
  if (!isLogical(type)) {
    throw new ConditionFault(`A condition must be true or false, but this is ${described(tree, type)}.`, tree.start);
  }
  return { names: checker.names, constantCalls: checker.constantCalls };
}

/** Null alone stands for false; a type that may also be null must be able to be a boolean. */
function isLogical(type: StaticType): boolean {
  return (type & BOOLEAN) !== 0 || type === NULL;
}

class Checker {
  readonly names: NameNode[] = [];
  readonly constantCalls = new Set<CallNode>();
  readonly #schema: FactSchema | null;

  constructor(schema: FactSchema | null) {
    this.#schema = schema;
  }

  typeOf(node: Node): StaticType {
    switch (node.kind) {
      case 'literal':
        return literalType(node);
      case 'list':
        for (const item of node.items) this.typeOf(item);
        return LIST;
      case 'name':
        return this.#name(node);
      case 'variable':
        return ANY;
      case 'now':
        return TIMESTAMP;
      case 'member':
        this.#require(node.object, MAP | NULL, `"${node.name}" can be read of a map only`);
        return ANY;
      case 'index':
        return this.#index(node);
      case 'not':
        this.#requireLogical(node.operand, 'not');
        return BOOLEAN;
      case 'negate':
        this.#require(node.operand, NUMBER, '"-" needs a number');
        return NUMBER;
      case 'logical':
        for (const operand of node.operands) this.#requireLogical(operand, node.operator);
        return BOOLEAN;
      case 'comparison':
        this.#comparison(node);
        return BOOLEAN;
      case 'arithmetic':
        return this.#arithmetic(node);
      case 'coalesce': {
        const left = this.typeOf(node.left);
        const right = this.typeOf(node.right);
        return (left & NULL) === 0 ? left : (left & ~NULL) | right;
      }
      case 'conditional':
        this.#requireLogical(node.test, '? :');
        return this.typeOf(node.consequent) | this.typeOf(node.alternate);
      case 'call':
        return this.#call(node);
      case 'quantifier':
        return this.#quantifier(node);
    }
  }

  #name(node: NameNode): StaticType {
    const schema = this.#schema;
    if (schema !== null && !schema.open && !schema.facts.has(node.name)) {
      const hint = suggestion(node.name, schema.facts.keys());
      throw new ConditionFault(`The facts of "${schema.name}" have no name "${node.name}".${hint}`, node.start);
    }
    this.names.push(node);
    return factType(schema, node.name);
  }

  #index(node: IndexNode): StaticType {
    const object = this.#require(node.object, LIST | MAP | NULL, 'An element can be read of a list or a map only');
    const wanted = ((object & LIST) === 0 ? 0 : NUMBER) | ((object & MAP) === 0 ? 0 : STRING);
    const what = { [NUMBER]: 'an integer', [STRING]: 'a string' }[wanted] ?? 'an integer or a string';
    if (object !== NULL) this.#require(node.index, wanted, `The index must be ${what}`);
    else this.typeOf(node.index);
    if (node.index.kind === 'literal' && typeof node.index.value === 'number' && !Number.isInteger(node.index.value)) {
      throw new ConditionFault(`The index must be ${what}, not ${node.index.value}.`, node.index.start);
    }
    return ANY;
  }

  #require(node: Node, wanted: StaticType, sentence: string): StaticType {
    const type = this.typeOf(node);
    if ((type & wanted & ~NULL) === 0 && !(type === NULL && (wanted & NULL) !== 0)) {
      throw new ConditionFault(`${sentence}, but this is ${described(node, type)}.`, node.start);
    }
    return type;
  }

  #requireLogical(node: Node, operator: string): void {
    const type = this.typeOf(node);
    if (isLogical(type)) return;
    throw new ConditionFault(`"${operator}" needs true or false, but this is ${described(node, type)}.`, node.start);
  }

  #comparison(node: ComparisonNode): void {
    const left = this.typeOf(node.left);
    const right = this.typeOf(node.right);
    switch (node.operator) {
      case '==':
      case '!=':
        return this.#equality(node, left, right);
      case 'in':
      case 'not in':
        return this.#membership(node, left, right);
      case '=~':
      case '!~':
        return checkPatternMatch(node, left);
      default:
        return checkOrdering(node, left, right);
    }
  }

  #equality(node: ComparisonNode, left: StaticType, right: StaticType): void {
    const areLiterals = isConstant(node.left) && isConstant(node.right);
    const isWrong = areLiterals ? (left & right) === 0 : this.#schema !== null && !canEqual(left, right);
    if (isWrong) throw neverEqual(node, node.left, left, node.right, right);
  }

  #membership(node: ComparisonNode, left: StaticType, right: StaticType): void {
    const { operator } = node;
    if ((right & (LIST | MAP | STRING)) === 0 && right !== NULL) {
      const message = `"${operator}" looks into a list, a map or a string, but this is ${described(node.right, right)}.`;
      throw new ConditionFault(message, node.right.start);
    }
    if (right !== NULL && (right & LIST) === 0 && (left & (STRING | NULL)) === 0) {
      const message = `"${operator}" looks for a string in a ${describeType(right & ~NULL)}, but this is ${described(node.left, left)}.`;
      throw new ConditionFault(message, node.left.start);
    }
    if (this.#schema === null || node.right.kind !== 'list') return;
    for (const item of node.right.items) {
      const type = this.typeOf(item);
      if (!canEqual(left, type)) throw neverEqual(node, node.left, left, item, type);
    }
  }

  #arithmetic(node: ArithmeticNode): StaticType {
    const left = this.typeOf(node.left);
    const right = this.typeOf(node.right);
    const type = arithmeticType(node.operator, left, right);
    if (type !== 0) return type;
    const operands = `${described(node.left, left)} and ${described(node.right, right)}`;
    throw new ConditionFault(`"${node.operator}" has no meaning for ${operands}.`, node.start);
  }

  #quantifier(node: QuantifierNode): StaticType {
    this.#require(node.list, LIST | MAP | NULL, `"${node.quantifier}" goes through a list or a map`);
    this.#requireLogical(node.body, node.quantifier);
    return BOOLEAN;
  }

  #call(node: CallNode): StaticType {
    if (node.receiver === null && node.name === 'has') return this.#has(node);
    const { parameters, result } = lookUp(node);
    const args = node.receiver === null ? node.args : [node.receiver, ...node.args];
    checkCount(node, parameters, args.length);
    for (const [at, arg] of args.entries()) this.#argument(node, parameters[at] as Parameter, arg);
    if (args.every((arg) => isConstant(arg) || (arg.kind === 'call' && this.constantCalls.has(arg)))) {
      this.constantCalls.add(node);
    }
    return result;
  }

  #argument(call: CallNode, parameter: Parameter, arg: Node): void {
    const type = this.typeOf(arg);
    if ((type & parameter.type) === 0) {
      const message = `"${call.name}" takes a ${describeType(parameter.type)}, but this is ${described(arg, type)}.`;
      throw new ConditionFault(message, arg.start);
    }
    if (parameter.role === 'pattern') compilePattern(patternOf(arg), arg.start);
    if (
      parameter.role === 'zone' &&
      arg.kind === 'literal' &&
      typeof arg.value === 'string' &&
      calendarReader('hour', arg.value) === null
    ) {
      throw new ConditionFault(`Unknown time zone "${arg.value}".`, arg.start);
    }
  }

  #has(node: CallNode): StaticType {
    const [path, ...more] = node.args;
    if (path === undefined || more.length > 0 || !isPath(path)) {
      throw new ConditionFault('"has" takes one path, such as has(session.user).', path?.start ?? node.nameStart);
    }
    this.typeOf(path);
    return BOOLEAN;
  }
}

function literalType(node: LiteralNode): StaticType {
  return node.value instanceof Timestamp ? TIMESTAMP : TYPE_BITS[typeOf(node.value) as TypeName];
}

/** `the number 5`, or the type alone where the text is no literal. */
function described(node: Node, type: StaticType): string {
  if (node.kind !== 'literal' || node.value instanceof Timestamp)
    return `a ${describeType(type)}`.replace('a anything', 'anything');
  if (node.value === null) return 'null';
  const shown = JSON.stringify(node.value);
  return `the ${describeType(type)} ${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}`;
}

function neverEqual(
  at: ComparisonNode,
  left: Node,
  leftType: StaticType,
  right: Node,
  rightType: StaticType,
): ConditionFault {
  const operands = `${described(left, leftType)} and ${described(right, rightType)}`;
  return new ConditionFault(
    `"${at.operator}" compares ${operands}, which are never equal.`,
    at.left === left ? right.start : at.start,
  );
}

function checkOrdering(node: ComparisonNode, left: StaticType, right: StaticType): void {
  if (canOrder(left, right)) return;
  const operands = `${described(node.left, left)} and ${described(node.right, right)}`;
  const isDate = (left === TIMESTAMP && right === STRING) || (left === STRING && right === TIMESTAMP);
  const hint = isDate ? ' Write a timestamp as d"2026-03-10", or convert with timestamp(…).' : '';
  throw new ConditionFault(
    `"${node.operator}" orders two numbers, strings, timestamps or durations, not ${operands}.${hint}`,
    isConstant(node.left) && !isConstant(node.right) ? node.left.start : node.right.start,
  );
}

function checkPatternMatch(node: ComparisonNode, left: StaticType): void {
  compilePattern(patternOf(node.right), node.right.start);
  if ((left & (STRING | NULL)) === 0 || ((left & NULL) !== 0 && left !== NULL && (left & STRING) === 0)) {
    throw new ConditionFault(
      `"${node.operator}" searches a string, but this is ${described(node.left, left)}.`,
      node.left.start,
    );
  }
}

function patternOf(node: Node): string {
  if (node.kind === 'literal' && typeof node.value === 'string') return node.value;
  throw new ConditionFault('A pattern must be a string literal: it is compiled when the rule is created.', node.start);
}

const QUANTIFIERS: readonly string[] = ['exists', 'all'];

function lookUp(node: CallNode): LanguageFunction {
  const [own, other] = node.receiver === null ? [FUNCTIONS, METHODS] : [METHODS, FUNCTIONS];
  const found = own.get(node.name);
  if (found !== undefined) return found;
  const what = node.receiver === null ? 'function' : 'method';
  const isOther = other.has(node.name) || (node.receiver === null && QUANTIFIERS.includes(node.name));
  const hint = isOther
    ? ` It is called as ${node.receiver === null ? `value.${node.name}(…)` : `${node.name}(value)`}.`
    : suggestion(
        node.name,
        node.receiver === null ? [...FUNCTIONS.keys(), 'has'] : [...METHODS.keys(), ...QUANTIFIERS],
      );
  throw new ConditionFault(`Unknown ${what} "${node.name}".${hint}`, node.nameStart);
}

function checkCount(node: CallNode, parameters: readonly Parameter[], given: number): void {
  const most = parameters.length;
  const least = parameters.filter((parameter) => parameter.optional !== true).length;
  if (given >= least && given <= most) return;
  const receiver = node.receiver === null ? 0 : 1;
  const wanted = least === most ? `${most - receiver}` : `${least - receiver} to ${most - receiver}`;
  throw new ConditionFault(
    `"${node.name}" takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${given - receiver}.`,
    node.nameStart,
  );
}

function isPath(node: Node): boolean {
  if (node.kind === 'member' || node.kind === 'index') return isPath(node.object);
  return node.kind === 'name' || node.kind === 'variable' || node.kind === 'now';
}
