import { checkComparison, patternOf } from './check-comparison.ts';
import type { ComparedTypes } from './check-comparison.ts';
import { describeNode } from './describe-type.ts';
import { ConditionFault } from './fault.ts';
import { factType } from './fact-schema.ts';
import type { FactSchema } from './fact-schema.ts';
import type { Parameter } from './functions.ts';
import { lookUpFunction } from './look-up-function.ts';
import { suggestion } from './nearest-name.ts';
import { compilePattern } from './patterns.ts';
import { ANY, arithmeticType, describeType, TYPE_BITS } from './static-types.ts';
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
    throw new ConditionFault(`A condition must be true or false, but this is ${describeNode(tree, type)}.`, tree.start);
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
  readonly #types = new Map<Node, StaticType>();

  constructor(schema: FactSchema | null) {
    this.#schema = schema;
  }

  typeOf(node: Node): StaticType {
    // An element of a list is asked for by the list and by "in": without a memory, nested lists would double the work.
    const known = this.#types.get(node);
    if (known !== undefined) return known;
    const type = this.#derive(node);
    this.#types.set(node, type);
    return type;
  }

  #derive(node: Node): StaticType {
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
        checkComparison(node, this.#comparedTypes(node));
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
      throw new ConditionFault(`${sentence}, but this is ${describeNode(node, type)}.`, node.start);
    }
    return type;
  }

  #requireLogical(node: Node, operator: string): void {
    const type = this.typeOf(node);
    if (isLogical(type)) return;
    throw new ConditionFault(`"${operator}" needs true or false, but this is ${describeNode(node, type)}.`, node.start);
  }

  #comparedTypes({ left, right }: ComparisonNode): ComparedTypes {
    return {
      left: this.typeOf(left),
      right: this.typeOf(right),
      items: right.kind === 'list' ? right.items.map((item) => this.typeOf(item)) : [],
      areDeclared: this.#schema !== null,
    };
  }

  #arithmetic(node: ArithmeticNode): StaticType {
    const left = this.typeOf(node.left);
    const right = this.typeOf(node.right);
    const type = arithmeticType(node.operator, left, right);
    if (type !== 0) return type;
    const operands = `${describeNode(node.left, left)} and ${describeNode(node.right, right)}`;
    throw new ConditionFault(`"${node.operator}" has no meaning for ${operands}.`, node.start);
  }

  #quantifier(node: QuantifierNode): StaticType {
    this.#require(node.list, LIST | MAP | NULL, `"${node.quantifier}" goes through a list or a map`);
    this.#requireLogical(node.body, node.quantifier);
    return BOOLEAN;
  }

  #call(node: CallNode): StaticType {
    if (node.receiver === null && node.name === 'has') return this.#has(node);
    const { parameters, result } = lookUpFunction(node);
    const args = node.receiver === null ? node.args : [node.receiver, ...node.args];
    for (const [at, arg] of args.entries()) this.#argument(node, parameters[at] as Parameter, arg);
    if (args.every((arg) => isConstant(arg) || (arg.kind === 'call' && this.constantCalls.has(arg)))) {
      this.constantCalls.add(node);
    }
    return result;
  }

  #argument(call: CallNode, parameter: Parameter, arg: Node): void {
    const type = this.typeOf(arg);
    if ((type & parameter.type) === 0) {
      const message = `"${call.name}" takes a ${describeType(parameter.type)}, but this is ${describeNode(arg, type)}.`;
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

function isPath(node: Node): boolean {
  if (node.kind === 'member' || node.kind === 'index') return isPath(node.object);
  return node.kind === 'name' || node.kind === 'variable' || node.kind === 'now';
}
