import type { ComparisonOperator, Node } from './syntax-tree.ts';
import { isBareName } from './names.ts';
import { printTimestamp, Timestamp } from './timestamps.ts';

/** Binding strength, loosest first; the grammar of `parse.ts`. */
const STRENGTH = {
  conditional: 1,
  or: 2,
  and: 3,
  not: 4,
  comparison: 5,
  coalesce: 6,
  additive: 7,
  multiplicative: 8,
  unary: 9,
  postfix: 10,
} as const;

/**
 * The normalised text of a condition: `and`/`or`/`not`, one space, double quotes, no comments and only the parentheses
 * that are needed. Parsing it gives the same tree; equal texts mean equal conditions, so it serves diff, search and hash.
 */
export function printCondition(node: Node): string {
  return print(node, STRENGTH.conditional);
}

/** Prints a node where operators of at least `least` strength may stand, with parentheses otherwise. */
function print(node: Node, least: number): string {
  const text = printBare(node);
  return strengthOf(node) < least ? `(${text})` : text;
}

function strengthOf(node: Node): number {
  switch (node.kind) {
    case 'conditional':
    case 'not':
    case 'comparison':
    case 'coalesce':
      return STRENGTH[node.kind];
    case 'logical':
      return STRENGTH[node.operator];
    case 'arithmetic':
      return node.operator === '+' || node.operator === '-' ? STRENGTH.additive : STRENGTH.multiplicative;
    case 'negate':
      return STRENGTH.unary;
    case 'literal':
      return typeof node.value === 'number' && node.value < 0 ? STRENGTH.unary : STRENGTH.postfix;
    default:
      return STRENGTH.postfix;
  }
}

function printBare(node: Node): string {
  switch (node.kind) {
    case 'literal':
      return printLiteral(node.value);
    case 'list':
      return `[${printAll(node.items)}]`;
    case 'name':
      return printName(node.name);
    case 'variable':
      return node.name;
    case 'now':
      return 'now';
    case 'member':
      return `${print(node.object, STRENGTH.postfix)}.${printName(node.name)}`;
    case 'index':
      return `${print(node.object, STRENGTH.postfix)}[${printCondition(node.index)}]`;
    case 'not':
      return `not ${print(node.operand, STRENGTH.not)}`;
    case 'negate':
      return `-${print(node.operand, STRENGTH.postfix)}`;
    case 'logical':
      // An operand that is a chain of the same operator was written in parentheses, and keeps them.
      return node.operands.map((operand) => print(operand, STRENGTH[node.operator] + 1)).join(` ${node.operator} `);
    case 'comparison':
      return printComparison(node.operator, node.left, node.right);
    case 'arithmetic': {
      const strength = strengthOf(node);
      return `${print(node.left, strength)} ${node.operator} ${print(node.right, strength + 1)}`;
    }
    case 'coalesce':
      return `${print(node.left, STRENGTH.coalesce)} ?? ${print(node.right, STRENGTH.additive)}`;
    case 'conditional':
      return `${print(node.test, STRENGTH.or)} ? ${printCondition(node.consequent)} : ${printCondition(node.alternate)}`;
    case 'call': {
      const receiver = node.receiver === null ? '' : `${print(node.receiver, STRENGTH.postfix)}.`;
      return `${receiver}${node.name}(${printAll(node.args)})`;
    }
    case 'quantifier': {
      const list = print(node.list, STRENGTH.postfix);
      return `${list}.${node.quantifier}(${node.variable}, ${printCondition(node.body)})`;
    }
  }
}

function printComparison(operator: ComparisonOperator, left: Node, right: Node): string {
  return `${print(left, STRENGTH.coalesce)} ${operator} ${print(right, STRENGTH.coalesce)}`;
}

function printAll(nodes: readonly Node[]): string {
  return nodes.map(printCondition).join(', ');
}

function printLiteral(value: string | number | boolean | null | Timestamp): string {
  if (value instanceof Timestamp) return `d"${printTimestamp(value)}"`;
  return typeof value === 'string' ? printString(value) : Object.is(value, -0) ? '-0' : String(value);
}

/** Double-quoted, with escapes for what would not be seen or would end the string. */
export function printString(value: string): string {
  return `"${value.replace(/["\\\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, escapeCharacter)}"`;
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
]);

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  return SHORT_ESCAPES.get(character) ?? `\\u{${code.toString(16)}}`;
}

function printName(name: string): string {
  return isBareName(name) ? name : `\`${name}\``;
}
