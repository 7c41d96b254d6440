import { describeNode } from './describe-type.ts';
import { ConditionFault } from './fault.ts';
import { compilePattern } from './patterns.ts';
import { canEqual, canOrder, describeType, TYPE_BITS } from './static-types.ts';
import type { StaticType } from './static-types.ts';
import { isConstant } from './syntax-tree.ts';
import type { ComparisonNode, Node } from './syntax-tree.ts';

const { null: NULL, string: STRING, list: LIST, map: MAP, timestamp: TIMESTAMP } = TYPE_BITS;

/** What the checker knows of both sides. */
export interface ComparedTypes {
  readonly left: StaticType;
  readonly right: StaticType;
  /** Of the elements, where the right side is a list in brackets. */
  readonly items: readonly StaticType[];
  /** Whether the types of names are declared, so that a comparison of two types says more than its literals. */
  readonly areDeclared: boolean;
}

/** @throws ConditionFault when the comparison can only fail, or can never hold. */
export function checkComparison(node: ComparisonNode, types: ComparedTypes): void {
  switch (node.operator) {
    case '==':
    case '!=':
      return checkEquality(node, types);
    case 'in':
    case 'not in':
      return checkMembership(node, types);
    case '=~':
    case '!~':
      return checkPatternMatch(node, types.left);
    default:
      return checkOrdering(node, types);
  }
}

function checkEquality(node: ComparisonNode, { left, right, areDeclared }: ComparedTypes): void {
  const areLiterals = isConstant(node.left) && isConstant(node.right);
  const isWrong = areLiterals ? (left & right) === 0 : areDeclared && !canEqual(left, right);
  if (isWrong) throw neverEqual(node, left, node.right, right);
}

function neverEqual(node: ComparisonNode, left: StaticType, other: Node, otherType: StaticType): ConditionFault {
  const operands = `${describeNode(node.left, left)} and ${describeNode(other, otherType)}`;
  return new ConditionFault(`"${node.operator}" compares ${operands}, which are never equal.`, other.start);
}

function checkMembership(node: ComparisonNode, { left, right, items, areDeclared }: ComparedTypes): void {
  const { operator } = node;
  if ((right & (LIST | MAP | STRING)) === 0 && right !== NULL) {
    const message = `"${operator}" looks into a list, a map or a string, but this is ${describeNode(node.right, right)}.`;
    throw new ConditionFault(message, node.right.start);
  }
  if (right !== NULL && (right & LIST) === 0 && (left & (STRING | NULL)) === 0) {
    const message = `"${operator}" looks for a string in a ${describeType(right & ~NULL)}, but this is ${describeNode(node.left, left)}.`;
    throw new ConditionFault(message, node.left.start);
  }
  if (!areDeclared || node.right.kind !== 'list') return;
  for (const [at, item] of node.right.items.entries()) {
    const type = items[at] as StaticType;
    if (!canEqual(left, type)) throw neverEqual(node, left, item, type);
  }
}

function checkOrdering(node: ComparisonNode, { left, right }: ComparedTypes): void {
  if (canOrder(left, right)) return;
  const operands = `${describeNode(node.left, left)} and ${describeNode(node.right, right)}`;
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
      `"${node.operator}" searches a string, but this is ${describeNode(node.left, left)}.`,
      node.left.start,
    );
  }
}

/** The text of a pattern operand. */
export function patternOf(node: Node): string {
  if (node.kind === 'literal' && typeof node.value === 'string') return node.value;
  throw new ConditionFault('A pattern must be a string literal: it is compiled when the rule is created.', node.start);
}
